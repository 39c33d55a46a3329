import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { listDirectory } from "../../src/atomic/list-directory.ts";
import { ReadFailedError } from "../../src/errors.ts";
import { realFileSystem, substituteFileSystem } from "../../src/platform/file-system.ts";
import { temporaryDirectory } from "./surroundings.ts";

/** A directory of one file, one directory, and links: to the file, to nothing, to itself, and to a name that is too long. */
function populated(): string {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "a-file"), "12345");
  mkdirSync(join(directory, "b-directory"));
  for (const [name, target] of [
    ["c-link", "a-file"],
    ["d-dangling", "nothing"],
    ["e-loop", "e-loop"],
    ["f-long", "x".repeat(300)],
  ] as const)
    symlinkSync(target, join(directory, name));
  return directory;
}

/** From now on, and until the test ends, nobody can look at that file. */
function refuse(path: string, code: string): void {
  const restore = substituteFileSystem({
    statSync: (each) => {
      if (each === path) throw Object.assign(new Error(`${code}: injected`), { code });
      return realFileSystem.statSync(each);
    },
  });
  onTestFinished(restore);
}

it("says what lies there, links followed", () => {
  const other = { kind: "other", bytes: 0 };
  expect(listDirectory(populated())).toEqual([
    { name: "a-file", kind: "file", bytes: 5 },
    { name: "b-directory", kind: "directory", bytes: 0 },
    { name: "c-link", kind: "file", bytes: 5 },
    { name: "d-dangling", ...other },
    { name: "e-loop", ...other },
    { name: "f-long", ...other },
  ]);
});

it.each(["EACCES", "EIO", "EMFILE"])(
  "P6: a file that cannot be looked at with %s is not taken for none",
  (code) => {
    const directory = populated();
    refuse(join(directory, "a-file"), code);
    expect(() => listDirectory(directory)).toThrow(ReadFailedError);
    expect(() => listDirectory(directory)).toThrow(code);
  },
);

it("a link into a directory that is closed to us leads nowhere", () => {
  const directory = populated();
  refuse(join(directory, "c-link"), "EACCES");
  expect(listDirectory(directory)?.find(({ name }) => name === "c-link")).toMatchObject({ kind: "other" });
});
