import { readFileSync, writeFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { appendJsonl, appendJsonlSync } from "../../src/log/append-jsonl.ts";
import { jsonlLog } from "../../src/log/jsonl-log.ts";
import { namesIn, temporaryDirectory } from "../atomic/surroundings.ts";

const content = '{"id":1}\n{"id":2}\n';

function newLog(): string {
  const path = join(temporaryDirectory(), "events.jsonl");
  writeFileSync(path, content);
  return path;
}

/** What a JavaScript caller may pass, whatever the types say. */
const wrong = (value: unknown): never => value as never;

describe("what a log is called with", () => {
  it.each([["abc"], [new String("abc")], [undefined], [null], [5], [{ length: 1 }], [Buffer.from("abc")]])(
    "P1: a rewrite that returns %o is refused, and the log and its directory stay as they were",
    async (returned) => {
      const path = newLog();
      writeFileSync(path, `${content}{"torn":`);
      const refused = jsonlLog(path).rewrite(() => wrong(returned));
      await expect(refused).rejects.toThrow(/^rewrite must return an array/);
      await expect(refused).rejects.toBeInstanceOf(TypeError);
      expect(readFileSync(path, "utf8")).toBe(`${content}{"torn":`);
      expect(namesIn(join(path, "..")).filter((name) => name.includes(".torn"))).toEqual([]);
    },
  );

  it("a rewrite may return any other iterable", async () => {
    const path = newLog();
    await jsonlLog(path).rewrite((entries) => new Set(entries.slice(1)));
    expect(readFileSync(path, "utf8")).toBe('{"id":2}\n');
  });

  it("refuses an array with a hole instead of leaving the record out", async () => {
    const path = newLog();
    const records = [{ id: 3 }, , { id: 4 }]; // oxlint-disable-line no-sparse-arrays
    await expect(appendJsonl(path, records)).rejects.toMatchObject({ code: "ERR_RECORD_INVALID" });
    expect(() => appendJsonlSync(path, records)).toThrow(/undefined/);
    expect(readFileSync(path, "utf8")).toBe(content);
  });

  it("refuses a callback that is no function before it takes the lock", async () => {
    const path = newLog();
    const log = jsonlLog(path);
    await expect(log.rewrite(wrong(undefined))).rejects.toThrow(
      new TypeError("rewrite must be a function, got undefined"),
    );
    await expect(log.transact(wrong(undefined))).rejects.toThrow(
      new TypeError("decide must be a function, got undefined"),
    );
    await expect(log.cursor().advance(wrong(undefined))).rejects.toThrow(/^sink\.apply must be a function/);
    expect(() => log.cursor().advanceSync(wrong({ apply() {} }))).toThrow(/^sink\.reset must be a function/);
    expect(namesIn(join(path, ".."))).toEqual(["events.jsonl"]);
  });

  it.each([["abc"], [{}], [undefined]])("appendMany refuses %o", async (records) => {
    const path = newLog();
    await expect(jsonlLog(path).appendMany(wrong(records))).rejects.toThrow(/^records must be an array/);
    expect(readFileSync(path, "utf8")).toBe(content);
  });

  it.each([[null], [5], ["abc"], [[]], [() => {}]])("refuses %o for options, everywhere", async (options) => {
    const path = newLog();
    const log = jsonlLog(path);
    const message = /^options must be an object/;
    expect(() => jsonlLog(path, wrong(options))).toThrow(message);
    await expect(appendJsonl(path, {}, wrong(options))).rejects.toThrow(message);
    expect(() => appendJsonlSync(path, {}, wrong(options))).toThrow(message);
    await expect(log.append({}, wrong(options))).rejects.toThrow(message);
    await expect(log.transact(() => 1, wrong(options))).rejects.toThrow(message);
    await expect(log.rewrite((entries) => entries, wrong(options))).rejects.toThrow(message);
    expect(() => log.follow(wrong(options))).toThrow(message);
    expect(() => log.entries(wrong(options))).toThrow(message);
    expect(readFileSync(path, "utf8")).toBe(content);
  });

  it("names an option of the wrong type", async () => {
    const path = newLog();
    const log = jsonlLog(path);
    expect(() => jsonlLog(path, { onQuarantine: wrong(5) })).toThrow(/^onQuarantine must be a function/);
    expect(() => log.follow({ signal: wrong(5) })).toThrow(/^signal must be an AbortSignal/);
    expect(() => log.follow({ onReset: wrong(5) })).toThrow(/^onReset must be a function/);
    await expect(log.append({}, { signal: wrong(5) })).rejects.toThrow(/^signal must be an AbortSignal/);
    await expect(log.append({}, { onQuarantine: wrong(5) })).rejects.toThrow(/^onQuarantine must be/);
  });

  it("keeps the file it was made for, as an absolute path without a trailing slash", async () => {
    const path = newLog();
    const log = jsonlLog(`${relative(process.cwd(), path)}/`);
    expect(isAbsolute(log.path)).toBe(true);
    expect(log.path).toBe(path);
    await log.append({ id: 3 });
    expect(await log.read()).toHaveLength(3);
  });
});
