import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { appendJsonl, appendJsonlSync } from "../../src/log/append-jsonl.ts";
import { jsonlLog, type JsonlLog } from "../../src/log/jsonl-log.ts";
import type { LogEntry } from "../../src/log/log-entry.ts";
import { countingCalls } from "../atomic/faults.ts";
import { descriptorsIn, namesIn, temporaryDirectory } from "../atomic/surroundings.ts";

const newPath = (): string => join(temporaryDirectory(), "events.jsonl");
const text = (path: string): string => readFileSync(path, "utf8");

async function entriesOf<T>(log: JsonlLog<T>, from?: number): Promise<LogEntry<T>[]> {
  const entries: LogEntry<T>[] = [];
  for await (const entry of log.entries({ from })) entries.push(entry);
  return entries;
}

describe("writing", () => {
  it("appends records as lines and says where they are", async () => {
    const path = newPath();
    const log = jsonlLog(path);
    const first = await log.append({ id: 1, text: "é" });
    const second = await log.appendMany([{ id: 2 }, [3], "four"]);
    log.appendSync(null);
    expect(text(path)).toBe('{"id":1,"text":"é"}\n{"id":2}\n[3]\n"four"\nnull\n');
    expect([first.offset, first.nextOffset, second.offset, second.nextOffset]).toEqual([0, 21, 21, 41]);
    expect(await log.read()).toEqual([{ id: 1, text: "é" }, { id: 2 }, [3], "four", null]);
  });

  it("writes what JSON.stringify writes", async () => {
    const path = newPath();
    const at = new Date(0);
    class Point {
      readonly x = 1;
    }
    const record = {
      at,
      left: undefined,
      point: new Point(),
      half: "\ud800",
      zero: -0,
      big: Number.MAX_SAFE_INTEGER,
      f: 1e300 * 10 ** -3,
    };
    await jsonlLog(path).append(record);
    expect(text(path)).toBe(`${JSON.stringify(record)}\n`);
  });

  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  it.each([
    ["undefined", undefined, []],
    ["a function", () => {}, []],
    ["a bigint", { a: 1n }, ["a"]],
    ["a symbol", { a: Symbol("x") }, ["a"]],
    ["NaN", { a: [1, Number.NaN] }, ["a", 1]],
    ["an infinity", { a: { b: -Infinity } }, ["a", "b"]],
    ["an integer beyond 2^53", { a: 2 ** 53 }, ["a"]],
    ["undefined in an array", [1, undefined], [1]],
    ["a hole in an array", Array.from({ length: 2 }).fill(0, 1), [0]],
    ["an invalid Date", { a: new Date(Number.NaN) }, ["a"]],
    ["a map", { a: new Map() }, ["a"]],
    ["bytes", { a: new Uint8Array(2) }, ["a"]],
    ["a key __proto__", JSON.parse('{"a":{"__proto__":{}}}'), ["a", "__proto__"]],
    ["a cycle", cyclic, []],
    ["what toJSON makes undefined", { toJSON: () => undefined }, []],
  ])(
    "refuses %s, naming the record and the place, and writes nothing of the call",
    async (_what, record, place) => {
      const path = newPath();
      const failure: unknown = await jsonlLog(path)
        .appendMany([{ fine: true }, record])
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: "ERR_RECORD_INVALID",
        path,
        index: 1,
        issues: [{ path: place }],
      });
      expect(namesIn(join(path, ".."))).toEqual([]);
    },
  );

  it("P10: bounds the depth and the length of what it writes", async () => {
    const path = newPath();
    let deep: unknown = 1;
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    await expect(jsonlLog(path).append(deep)).rejects.toMatchObject({ code: "ERR_RECORD_INVALID" });
    await expect(jsonlLog(path, { maxLineBytes: 10 }).append("é".repeat(5))).rejects.toMatchObject({
      code: "ERR_TOO_LARGE",
      limit: "maxLineBytes",
      actual: 12,
    });
    await jsonlLog(path, { maxLineBytes: 12, maxDepth: 1 }).append("é".repeat(5));
    await expect(jsonlLog(path, { maxDepth: 1 }).append([[]])).rejects.toMatchObject({
      code: "ERR_RECORD_INVALID",
    });
  });

  it("a schema checks what is written, and what is stored is what was given", async () => {
    const path = newPath();
    const log = jsonlLog(path, {
      schema: z.object({ id: z.number(), note: z.string().default("none") }) as never,
    });
    await expect(log.append({ id: "one" })).rejects.toMatchObject({
      code: "ERR_RECORD_INVALID",
      issues: [{ path: ["id"] }],
    });
    await log.append({ id: 1, extra: true });
    expect(text(path)).toBe('{"id":1,"extra":true}\n');
  });

  it("appendJsonl takes a record or an array of them, and call sites share their sync", async () => {
    const path = newPath();
    await appendJsonl(path, { id: 1 });
    const { calls } = await countingCalls(() =>
      Promise.all([
        appendJsonl(path, { id: 2 }),
        appendJsonl(path, [{ id: 3 }, { id: 4 }]),
        jsonlLog(path).append({ id: 5 }),
      ]),
    );
    expect(calls.filter((call) => call === "fdatasync")).toHaveLength(1);
    expect(calls.filter((call) => call === "writeSync")).toHaveLength(1);
    appendJsonlSync(path, [{ id: 6 }], { durability: "os" });
    expect(await jsonlLog(path).read()).toEqual([1, 2, 3, 4, 5, 6].map((id) => ({ id })));
  });

  it("refuses options that mean nothing", () => {
    expect(() => jsonlLog("")).toThrow(TypeError);
    expect(() => jsonlLog("x", { onCorrupt: "ignore" as never })).toThrow(/onCorrupt/);
    expect(() => jsonlLog("x", { maxDepth: 0 })).toThrow(/maxDepth/);
    expect(() => jsonlLog("x", { schema: {} as never })).toThrow(/Standard Schema/);
    expect(() => jsonlLog("x", { layout: "attic" as never })).toThrow(/layout/);
    expect(() => jsonlLog("x", { durability: "memory" as never })).toThrow(/durability/);
  });
});

describe("reading", () => {
  it("a missing log is empty, and reading creates nothing", async () => {
    const path = newPath();
    expect(await jsonlLog(path).read()).toEqual([]);
    expect(await entriesOf(jsonlLog(path))).toEqual([]);
    expect(namesIn(join(path, ".."))).toEqual([]);
  });

  it("T6: cut at any byte, whole lines are read and the rest is not, even if it would parse", async () => {
    const whole = Buffer.from('{"a":1}\n{"b":"é"}\n12\n');
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const path = newPath();
      writeFileSync(path, whole.subarray(0, cut));
      const expected = whole
        .subarray(0, whole.subarray(0, cut).lastIndexOf("\n") + 1)
        .toString()
        .split("\n")
        .slice(0, -1);
      expect(await jsonlLog(path).read(), `cut at ${cut}`).toEqual(expected.map((line) => JSON.parse(line)));
      expect(readFileSync(path).equals(whole.subarray(0, cut))).toBe(true); // a reader changes nothing
    }
  });

  it("accepts a byte order mark, CRLF and blank lines, and keeps each line's own text", async () => {
    const path = newPath();
    writeFileSync(path, '\uFEFF{"a":1}\r\n\n \t\r\n{"b":"é"}\n');
    const log = jsonlLog(path);
    expect(await log.read()).toEqual([{ a: 1 }, { b: "é" }]);
    const entries = await entriesOf(log);
    expect(entries.map(({ line, offset, nextOffset, text: own }) => [line, offset, nextOffset, own])).toEqual(
      [
        [1, 0, 12, '{"a":1}\r'],
        [4, 17, 28, '{"b":"é"}'],
      ],
    );
  });

  it("entries can begin at any line, and nowhere else", async () => {
    const path = newPath();
    const log = jsonlLog<{ id: number }>(path);
    const { nextOffset } = await log.append({ id: 1 });
    await log.appendMany([{ id: 2 }, { id: 3 }]);
    expect((await entriesOf(log, nextOffset)).map(({ record }) => record.id)).toEqual([2, 3]);
    for (const from of [1, -1, 1_000, 0.5])
      await expect(entriesOf(log, from), String(from)).rejects.toThrow(RangeError);
    expect(descriptorsIn(join(path, ".."))).toEqual([path]); // the one for appending
  });

  it("reads again only what was added, and gives the same array while nothing was", async () => {
    const path = newPath();
    const log = jsonlLog<{ id: number }>(path);
    await log.appendMany(Array.from({ length: 50_000 }, (_, id) => ({ id })));
    const first = await log.read();
    expect(await log.read()).toBe(first);
    await log.append({ id: -1 });
    let bytes = 0;
    const { result, calls } = await countingCalls(() => log.read());
    bytes = calls.filter((call) => call === "readSync" || call === "read").length;
    expect(bytes).toBe(2); // the bytes before the offset, and the new line
    expect(result).toHaveLength(50_001);
    expect(first).toHaveLength(50_000);
    expect(Object.isFrozen(result)).toBe(true);
  });

  it("lines longer than a chunk, and chunks that end inside a character, are read whole", async () => {
    const path = newPath();
    const records = [{ t: "é".repeat(1_500_000) }, { t: "x" }, { t: "é漢😀".repeat(300_000) }, { t: "" }];
    writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
    expect((await jsonlLog(path).read()).length).toBe(4);
    const entries = await entriesOf(jsonlLog(path));
    expect(entries.every(({ record }, at) => JSON.stringify(record) === JSON.stringify(records[at]))).toBe(
      true,
    );
    const bytes = readFileSync(path);
    for (const { offset, nextOffset, text: own } of entries)
      expect(bytes.subarray(offset, nextOffset - 1).toString() === own).toBe(true);
  });

  it("P10: refuses special files, and lines beyond the limit", async () => {
    const path = newPath();
    execFileSync("mkfifo", [path]);
    await expect(jsonlLog(path).read()).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
    await expect(jsonlLog("/dev/zero").read()).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
    const long = newPath();
    writeFileSync(long, `"${"x".repeat(3_000_000)}"\n`);
    await expect(jsonlLog(long, { maxLineBytes: 2_000_000 }).read()).rejects.toMatchObject({
      code: "ERR_TOO_LARGE",
    });
    writeFileSync(long, `"${"x".repeat(100)}"\n`);
    await expect(jsonlLog(long, { maxLineBytes: 50 }).read()).rejects.toMatchObject({
      code: "ERR_TOO_LARGE",
    });
  });
});

describe("damaged lines", () => {
  const damages: readonly (readonly [string, Buffer])[] = [
    ["not JSON", Buffer.from('{"half":')],
    ["two records fused", Buffer.from('{"a":1}{"b":2}')],
    ["NULs", Buffer.concat([Buffer.alloc(20), Buffer.from('{"a":1}')])],
    ["not UTF-8", Buffer.from([0x22, 0xff, 0x22])],
    ["a key __proto__", Buffer.from('{"__proto__":{"admin":true}}')],
    ["an escaped key __proto__", Buffer.from(String.raw`{"a":{"\u005f_proto__":1}}`)],
    ["a key __proto__ with an escaped letter", Buffer.from(String.raw`{"a":{"__pr\u006fto__":1}}`)],
    ["too deep", Buffer.from("[".repeat(600) + "]".repeat(600))],
  ];
  const around = (damage: Buffer): Buffer =>
    Buffer.concat([Buffer.from('{"id":1}\n'), damage, Buffer.from('\r\n{"id":"é"}\n')]);

  it.each(damages)(
    "G5: %s in the middle is an error with line and byte, and everything stays",
    async (_what, damage) => {
      const path = newPath();
      writeFileSync(path, around(damage));
      const log = jsonlLog(path);
      for (const read of [() => log.read(), () => log.read(), () => entriesOf(log)]) {
        await expect(read()).rejects.toMatchObject({ code: "ERR_LOG_CORRUPT", line: 2, byteOffset: 9, path });
      }
      expect(readFileSync(path).equals(around(damage))).toBe(true);
      expect(({} as { admin?: unknown }).admin).toBeUndefined();
    },
  );

  it.each(damages)("%s is passed over and counted at skip", async (_what, damage) => {
    const path = newPath();
    writeFileSync(path, around(damage));
    const log = jsonlLog(path, { onCorrupt: "skip" });
    expect(await log.read()).toEqual([{ id: 1 }, { id: "é" }]);
    expect(log.readSync()).toEqual([{ id: 1 }, { id: "é" }]);
    expect(log.problems()).toMatchObject({ count: 1, first: [{ line: 2, byteOffset: 9, kind: "damaged" }] });
    expect(readFileSync(path).equals(around(damage))).toBe(true);
  });

  it.each(damages)("%s is moved aside byte for byte at quarantine", async (_what, damage) => {
    const path = newPath();
    writeFileSync(path, around(damage));
    const moved: { path: string; bytes: number }[] = [];
    const log = jsonlLog(path, { onCorrupt: "quarantine", onQuarantine: (each) => moved.push(each) });
    expect(await log.read()).toEqual([{ id: 1 }, { id: "é" }]);
    expect(text(path)).toBe('{"id":1}\n{"id":"é"}\n');
    expect(moved).toEqual([
      {
        path: expect.stringMatching(/events\.jsonl\.corrupt-\d{8}T\d{6}Z-[0-9a-f]{8}$/) as string,
        bytes: damage.length + 2,
      },
    ]);
    expect(readFileSync(moved[0]?.path ?? "").equals(Buffer.concat([damage, Buffer.from("\r\n")]))).toBe(
      true,
    );
    expect(log.problems().count).toBe(0);
  });

  it("what only the schema refuses is an error or is passed over, but is never moved or dropped", async () => {
    const path = newPath();
    writeFileSync(path, '{"id":1}\n{"id":"one"}\nnonsense\n{"id":2}\n');
    const schema = z.object({ id: z.number() });
    await expect(jsonlLog(path, { schema }).read()).rejects.toMatchObject({
      code: "ERR_LOG_CORRUPT",
      line: 2,
    });
    const log = jsonlLog(path, { schema, onCorrupt: "quarantine" });
    expect(await log.read()).toEqual([{ id: 1 }, { id: 2 }]);
    expect(text(path)).toBe('{"id":1}\n{"id":"one"}\n{"id":2}\n');
    expect(log.problems()).toMatchObject({ count: 1, first: [{ kind: "refused", line: 2 }] });
    await expect(log.rewrite((entries) => entries)).rejects.toMatchObject({
      code: "ERR_LOG_CORRUPT",
      line: 2,
    });
    expect(text(path)).toContain('"one"');
  });

  it("depth counts brackets, not those inside strings", async () => {
    const path = newPath();
    writeFileSync(path, `${JSON.stringify({ t: `\\"${"[{".repeat(2_000)}` })}\n`);
    expect(await jsonlLog(path, { maxDepth: 1 }).read()).toHaveLength(1);
  });

  it("an unterminated line at the end is no damage", async () => {
    const path = newPath();
    writeFileSync(path, '{"id":1}\n');
    appendFileSync(path, Buffer.alloc(100));
    const log = jsonlLog(path);
    expect(await log.read()).toEqual([{ id: 1 }]);
    await log.append({ id: 2 });
    expect(await log.read()).toEqual([{ id: 1 }, { id: 2 }]);
  });
});
