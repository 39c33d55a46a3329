import { spawnSync } from "node:child_process";
import { linkSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonDocument } from "../../src/document/json-document.ts";
import { namesIn, temporaryDirectory } from "../atomic/surroundings.ts";

const corrupt = { code: "ERR_DOCUMENT_CORRUPT" };

describe.each<[string, string | Buffer, object]>([
  ["an empty file", "", corrupt],
  ["a torn file", '{"a":[1,2', corrupt],
  ["a file of NULs, as a crash leaves it", "\0".repeat(64), corrupt],
  ["bytes that are not UTF-8", Buffer.from([0x22, 0xc3, 0x28, 0x22]), corrupt],
  ["two documents", '{"a":1}\n{"a":2}\n', corrupt],
  ["a conflict of a merge", '<<<<<<< ours\n{"a":1}\n=======\n{"a":2}\n>>>>>>> theirs\n', corrupt],
  [
    "nesting of a million",
    "[".repeat(1_000_000) + "]".repeat(1_000_000),
    { code: "ERR_TOO_LARGE", limit: "maxDepth" },
  ],
  [
    "nesting of a million, never closed",
    '{"a":'.repeat(1_000_000),
    { code: "ERR_TOO_LARGE", limit: "maxDepth" },
  ],
  ["an own __proto__ key", '{"__proto__":{"admin":true}}', { code: "ERR_DOCUMENT_INVALID" }],
])("P10: %s", (_name, content, expected) => {
  it("is refused by every call, never replaced by a default, and its bytes stay", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "doc.json");
    writeFileSync(path, content);
    const { ino } = statSync(path);
    const doc = jsonDocument<object>(path, { defaults: () => ({}) });
    await expect(doc.read()).rejects.toMatchObject(expected);
    await expect(doc.readLocked()).rejects.toMatchObject(expected);
    await expect(doc.update(() => ({ fresh: true }))).rejects.toMatchObject(expected);
    await expect(doc.write({ fresh: true })).rejects.toMatchObject(expected);
    expect(() => doc.readSync()).toThrow(expect.objectContaining(expected));
    expect(() => doc.updateSync(() => ({ fresh: true }))).toThrow(expect.objectContaining(expected));
    expect(readFileSync(path).equals(Buffer.from(content as string))).toBe(true);
    expect(statSync(path).ino).toBe(ino);
    expect(namesIn(directory)).toEqual(["doc.json"]);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });
});

describe("P10: limits", () => {
  it("a file larger than maxBytes is refused before it is read, also where others may read it", async () => {
    const path = join(temporaryDirectory(), "doc.json");
    writeFileSync(path, "[]");
    truncateSync(path, 2 ** 40); // sparse: reading it would end the process
    await expect(jsonDocument(path).read()).rejects.toMatchObject({
      code: "ERR_TOO_LARGE",
      limit: "maxBytes",
      actual: 2 ** 40,
    });
    writeFileSync(path, JSON.stringify(["x".repeat(100)]));
    await jsonDocument(path).read();
    await expect(jsonDocument(path, { maxBytes: 100 }).read()).rejects.toMatchObject({ actual: 104 });
    await expect(jsonDocument(path, { maxBytes: 100 }).update(() => [])).rejects.toMatchObject({
      actual: 104,
    });
    await expect(jsonDocument(path, { maxDepth: 1 }).read()).resolves.toBeDefined();
    writeFileSync(path, "[[]]");
    await jsonDocument(path).read();
    await expect(jsonDocument(path, { maxDepth: 1 }).read()).rejects.toMatchObject({ limit: "maxDepth" });
  });

  it("a change that would make the document too large or too deep is refused; its neighbours are not", async () => {
    const path = join(temporaryDirectory(), "doc.json");
    const doc = jsonDocument<{ list: unknown[] }>(path, {
      maxBytes: 1_000,
      maxDepth: 4,
      defaults: () => ({ list: [] }),
    });
    const outcomes = await Promise.allSettled([
      doc.update((draft) => void draft.list.push("a")),
      doc.update((draft) => void draft.list.push("b".repeat(2_000))),
      doc.update((draft) => void draft.list.push([[["too deep"]]])),
      doc.update((draft) => void draft.list.push("c")),
    ]);
    expect(outcomes).toMatchObject([
      { status: "fulfilled" },
      { reason: { code: "ERR_TOO_LARGE", limit: "maxBytes" } },
      { reason: { code: "ERR_TOO_LARGE", limit: "maxDepth" } },
      { value: { value: { list: ["a", "c"] } } },
    ]);
    await expect(doc.update((draft) => ({ list: [draft] }))).resolves.toBeDefined();
    await expect(doc.update((draft) => ({ list: [draft] }))).rejects.toMatchObject({ limit: "maxDepth" });
    expect(await doc.read()).toEqual({ list: [{ list: ["a", "c"] }] });
    writeFileSync(path, '{ "list": [ { "list": [1.0] } ] }'); // merged into its text, where parts keep their place
    await expect(doc.update((draft) => ({ list: [draft] }))).rejects.toMatchObject({ limit: "maxDepth" });
    expect(readFileSync(path, "utf8")).toBe('{ "list": [ { "list": [1.0] } ] }');
  });

  it("allowEmpty treats an empty file as a missing one", async () => {
    const path = join(temporaryDirectory(), "doc.json");
    writeFileSync(path, "");
    const doc = jsonDocument<{ n: number }>(path, { allowEmpty: true, defaults: () => ({ n: 0 }) });
    expect(await doc.read()).toEqual({ n: 0 });
    await doc.update((draft) => void draft.n++);
    expect(readFileSync(path, "utf8")).toBe('{\n  "n": 1\n}\n');
  });
});

describe("finalNewline: false", () => {
  it("ends a new file in no line feed, an empty one too, and keeps the ending of one that is there", async () => {
    const path = join(temporaryDirectory(), "doc.json");
    const options = { allowEmpty: true, defaults: () => ({ n: 0 }) };
    const bare = jsonDocument<{ n: number }>(path, { ...options, finalNewline: false });
    const ended = jsonDocument<{ n: number }>(path, options);
    const next = async (doc: typeof bare): Promise<string> => {
      await doc.update((draft) => void draft.n++);
      return readFileSync(path, "utf8");
    };
    expect(await next(bare)).toBe('{\n  "n": 1\n}');
    expect(await next(ended)).toBe('{\n  "n": 2\n}');
    writeFileSync(path, '{ "n": 2 }\n');
    expect(await next(bare)).toBe('{ "n": 3 }\n');
    writeFileSync(path, "");
    expect(await next(bare)).toBe('{\n  "n": 1\n}');
    writeFileSync(path, "");
    await Promise.all([ended, bare].map(next)); // in one write: whoever makes the file decides
    expect(readFileSync(path, "utf8")).toBe('{\n  "n": 2\n}\n');
  });
});

describe("P10: files that are not regular", () => {
  it("a FIFO is refused at once instead of waiting for a writer", async () => {
    const path = join(temporaryDirectory(), "doc.json");
    expect(spawnSync("mkfifo", [path]).status).toBe(0);
    await expect(jsonDocument(path).read()).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
    await expect(jsonDocument(path).update(() => ({}))).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
  });

  it("a socket and a device are refused", async () => {
    const path = join(temporaryDirectory(), "s");
    const server = createServer().listen(path);
    await expect(jsonDocument(path).read()).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
    server.close();
    await expect(jsonDocument("/dev/zero").read()).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
  });

  it("P9: a file with two hard links is refused, since each name would have its own lock", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "doc.json");
    writeFileSync(path, "{}");
    linkSync(path, join(directory, "other.json"));
    await expect(jsonDocument(path).update(() => ({ a: 1 }))).rejects.toMatchObject({
      code: "ERR_UNSAFE_PATH",
    });
    expect(readFileSync(path, "utf8")).toBe("{}");
  });
});
