import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { editJson } from "../../src/document/text/edit-json.ts";
import { readText } from "../../src/document/read-text.ts";
import { listDirectory } from "../../src/atomic/list-directory.ts";
import { jsonlLog } from "../../src/log/jsonl-log.ts";
import { RecordLine } from "../../src/log/record-line.ts";
import { namesIn, temporaryDirectory } from "../atomic/surroundings.ts";

const newPath = (): string => join(temporaryDirectory(), "events.jsonl");

describe("lines given as text", () => {
  it("are stored byte for byte, appended or in a rewrite", async () => {
    const path = newPath();
    const log = jsonlLog(path);
    const first = '{"id": 9007199254740993, "b":"\\u003c"}';
    const second = '{"2":1.0,"1":1e3}';
    await log.append(new RecordLine(first));
    await log.rewrite((entries) => [new RecordLine(second), ...entries]);
    expect(readFileSync(path, "utf8")).toBe(`${second}\n${first}\n`);
  });

  it.each([
    ["{", "not JSON"],
    ['{"__proto__":1}', "__proto__"],
    [`${"[".repeat(600)}${"]".repeat(600)}`, "nested deeper"],
    ['"\uD800"', "surrogate"],
  ])("are refused where a record would be: %s", async (line, why) => {
    const path = newPath();
    await expect(jsonlLog(path).append(new RecordLine(line))).rejects.toMatchObject({
      code: "ERR_RECORD_INVALID",
      message: expect.stringContaining(why) as string,
    });
    expect(namesIn(join(path, ".."))).toEqual([]);
    expect(() => new RecordLine("{}\n")).toThrow(TypeError);
  });
});

describe('onCorrupt "keep"', () => {
  it("leaves damaged lines behind the entries they stand behind, whatever a rewrite drops or moves", async () => {
    const path = newPath();
    const bytes = Buffer.concat([
      Buffer.from("# top\n1\n2\nbad\n"),
      Buffer.from([0xff, 0x0a]),
      Buffer.from("3\n"),
    ]);
    writeFileSync(path, bytes);
    const log = jsonlLog<number>(path, { onCorrupt: "keep" });
    expect(await log.read()).toEqual([1, 2, 3]);
    expect(log.problems().first.map(({ line, text }) => [line, text])).toEqual([
      [1, "# top"],
      [4, "bad"],
      [5, undefined],
    ]);
    expect(await log.rewrite((entries) => entries)).toMatchObject({ changed: false });
    expect(readFileSync(path).equals(bytes)).toBe(true);
    await log.rewrite((entries) => entries.filter(({ record }) => record !== 2).toReversed());
    expect(readFileSync(path, "latin1")).toBe("# top\n3\n1\nbad\n\xFF\n");
    expect(namesIn(join(path, ".."))).toEqual(["events.jsonl"]);
  });
});

describe("editJson", () => {
  it("keeps the bytes of what the recipe does not touch, and one line stays one line", () => {
    const text = '{"id": 9007199254740993, "a": "\\u003c", "list": [1.0, {"b":1}], "n": 1}';
    const edited = editJson<{ n: number; list: unknown[]; more?: object }>(text, (draft) => {
      draft.n += 1;
      draft.list.push("x");
      draft.more = { deep: [1] };
    });
    expect(edited).toBe(
      '{"id": 9007199254740993, "a": "\\u003c", "list": [1.0, {"b":1}, "x"], "n": 2, "more": {"deep": [1]}}',
    );
    expect(editJson(text, () => {})).toBe(text);
    expect(editJson<{ id: bigint }>(text, (draft) => void (draft.id += 1n))).toContain("9007199254740994");
  });
});

describe("looking at small things", () => {
  it("readText and listDirectory tell what is there, and that nothing is", async () => {
    const directory = temporaryDirectory();
    expect(await readText(join(directory, "none"))).toBeUndefined();
    expect(listDirectory(join(directory, "none"))).toBeUndefined();
    writeFileSync(join(directory, "a"), "text\n");
    writeFileSync(join(directory, "b"), Buffer.from([0xff]));
    expect(await readText(join(directory, "a"))).toBe("text\n");
    await expect(readText(join(directory, "b"))).rejects.toMatchObject({ code: "ERR_DOCUMENT_CORRUPT" });
    await expect(readText(directory)).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
    expect(listDirectory(directory)).toEqual([
      { name: "a", kind: "file", bytes: 5 },
      { name: "b", kind: "file", bytes: 1 },
    ]);
  });
});
