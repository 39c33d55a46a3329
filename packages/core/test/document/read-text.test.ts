import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readText } from "../../src/document/read-text.ts";
import { networkFileSystemOf } from "../../src/platform/file-system-type.ts";
import { temporaryDirectory } from "../atomic/surroundings.ts";

test("reads a file through a link, and finds nothing where nothing is", async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "file"), "\uFEFFtext\n");
  symlinkSync("file", join(directory, "link"));
  expect(await readText(join(directory, "link"))).toBe("\uFEFFtext\n");
  expect(await readText(join(directory, "none"))).toBeUndefined();
  expect(await readText(join(directory, "none", "below"))).toBeUndefined();
  expect(await readText(join(directory, "file", "below"))).toBeUndefined();
});

test.each([
  ["a name that is too long", "n".repeat(300), "ENAMETOOLONG"],
  ["a loop of links", "loop", "ELOOP"],
  ["a path through a loop of links", "loop/below", "ELOOP"],
])("P10: %s is refused by a typed error", async (_, name, osCode) => {
  const directory = temporaryDirectory();
  symlinkSync("loop", join(directory, "loop"));
  const refused = { code: "ERR_READ_FAILED", path: join(directory, name), osCode };
  await expect(readText(join(directory, name))).rejects.toMatchObject(refused);
});

test("P10: where a path lies that leads nowhere is refused by a typed error", () => {
  const directory = temporaryDirectory();
  symlinkSync("loop", join(directory, "loop"));
  const refused = { code: "ERR_READ_FAILED", osCode: "ELOOP" };
  expect(() => networkFileSystemOf(join(directory, "loop", "file"))).toThrow(
    expect.objectContaining(refused),
  );
});
