import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ReadFailedError } from "../../src/errors.ts";
import { jsonDocument } from "../../src/document/json-document.ts";
import { updateJson, updateJsonSync } from "../../src/document/update-json.ts";
import { namesIn, temporaryDirectory } from "../atomic/surroundings.ts";

const content = '{"n":1}';

function fresh(): string {
  const path = join(temporaryDirectory(), "doc.json");
  writeFileSync(path, content);
  return path;
}

/** What a JavaScript caller may pass, whatever the types say. */
const wrong = (value: unknown): never => value as never;

describe("what a document is called with", () => {
  it.each([[undefined], [null], [{ n: 2 }]])(
    "refuses %o for a recipe before it takes the lock",
    async (recipe) => {
      const path = fresh();
      const doc = jsonDocument(path);
      const message = /^recipe must be a function/;
      await expect(doc.update(wrong(recipe))).rejects.toThrow(message);
      await expect(doc.update(wrong(recipe))).rejects.toBeInstanceOf(TypeError);
      expect(() => doc.updateSync(wrong(recipe))).toThrow(message);
      await expect(updateJson(path, wrong(recipe))).rejects.toThrow(message);
      expect(() => updateJsonSync(path, wrong(recipe))).toThrow(message);
      expect(readFileSync(path, "utf8")).toBe(content);
      expect(namesIn(join(path, ".."))).toEqual(["doc.json"]);
    },
  );

  it.each([[null], [5], ["abc"], [[]], [() => {}]])("refuses %o for options, everywhere", async (options) => {
    const path = fresh();
    const doc = jsonDocument(path);
    const message = /^options must be an object/;
    expect(() => jsonDocument(path, wrong(options))).toThrow(message);
    await expect(doc.update(() => {}, wrong(options))).rejects.toThrow(message);
    expect(() => doc.updateSync(() => {}, wrong(options))).toThrow(message);
    await expect(doc.write({}, wrong(options))).rejects.toThrow(message);
    expect(() => doc.writeSync({}, wrong(options))).toThrow(message);
    await expect(doc.readLocked(wrong(options))).rejects.toThrow(message);
    expect(() => doc.watch(wrong(options))).toThrow(message);
    expect(readFileSync(path, "utf8")).toBe(content);
  });

  it("names an option of the wrong type", () => {
    const path = fresh();
    const doc = jsonDocument(path);
    expect(() => jsonDocument(path, { allowEmpty: wrong("yes") })).toThrow(
      /^allowEmpty must be true or false/,
    );
    expect(() => jsonDocument(path, { finalNewline: wrong("yes") })).toThrow(
      /^finalNewline must be true or false/,
    );
    expect(() => doc.watch({ signal: wrong(5) })).toThrow(/^signal must be an AbortSignal/);
    expect(() => doc.watch({ pollMs: wrong("5") })).toThrow(/^pollMs must be a number/);
    expect(() => doc.watch({ pollMs: 0 })).toThrow(RangeError);
  });

  it("says that a part of the path is a file, and does not advise to write there", async () => {
    const path = fresh();
    for (const below of [join(path, "x"), join(path, "x", "y.json")]) {
      const error: unknown = await jsonDocument(below)
        .read()
        .catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(ReadFailedError);
      expect(error).toMatchObject({ osCode: "ENOTDIR", path: below });
      expect((error as Error).message).toContain(`${path} is not a directory.`);
      expect((error as Error).message).not.toContain("Create");
    }
    await expect(jsonDocument(`${path}-missing`).read()).rejects.toMatchObject({ osCode: "ENOENT" });
  });
});
