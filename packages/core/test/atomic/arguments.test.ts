import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { appendLines, appendLinesSync } from "../../src/atomic/append-lines.ts";
import { replaceFile, replaceFileSync } from "../../src/atomic/replace-file.ts";
import { sweepStagedFiles } from "../../src/atomic/sweep-staged-files.ts";
import { ReadFailedError, TooLargeError } from "../../src/errors.ts";
import { jsonlLog } from "../../src/log/jsonl-log.ts";
import { namesIn, temporaryDirectory } from "./surroundings.ts";

/** What a JavaScript caller may pass, whatever the types say. */
const wrong = (value: unknown): never => value as never;

describe("what files are replaced, appended to and swept with", () => {
  it.each([[undefined], [null], [5], [""], [[]], ["a\0b"]])(
    "sweepStagedFiles refuses %o",
    async (directory) => {
      await expect(sweepStagedFiles(wrong(directory))).rejects.toThrow(/^directory must/);
      await expect(sweepStagedFiles(wrong(directory))).rejects.toBeInstanceOf(TypeError);
    },
  );

  it("sweepStagedFiles says when it cannot list the directory", async () => {
    const directory = temporaryDirectory();
    const loop = join(directory, "loop");
    symlinkSync(loop, loop);
    const file = join(directory, "file");
    writeFileSync(file, "");
    for (const [path, osCode] of [
      [join(directory, "missing"), "ENOENT"],
      [loop, "ELOOP"],
      [file, "ENOTDIR"],
    ] as const) {
      const refused = sweepStagedFiles(path);
      await expect(refused).rejects.toBeInstanceOf(ReadFailedError);
      await expect(refused).rejects.toMatchObject({ path, osCode });
    }
    expect(await sweepStagedFiles(temporaryDirectory())).toEqual([]);
  });

  it.each([[null], [5], ["abc"], [[]], [() => {}]])("refuses %o for options, everywhere", async (options) => {
    const path = join(temporaryDirectory(), "file");
    const message = /^options must be an object/;
    await expect(replaceFile(path, "x", wrong(options))).rejects.toThrow(message);
    expect(() => replaceFileSync(path, "x", wrong(options))).toThrow(message);
    await expect(appendLines(path, ["x"], wrong(options))).rejects.toThrow(message);
    expect(() => appendLinesSync(path, ["x"], wrong(options))).toThrow(message);
    await expect(sweepStagedFiles(join(path, ".."), wrong(options))).rejects.toThrow(message);
    expect(namesIn(join(path, ".."))).toEqual([]);
  });

  it("names an option of the wrong type", async () => {
    const path = join(temporaryDirectory(), "file");
    await expect(appendLines(path, ["x"], { signal: wrong(5) })).rejects.toThrow(/^signal must be/);
    await expect(appendLines(path, ["x"], { onQuarantine: wrong(5) })).rejects.toThrow(
      /^onQuarantine must be/,
    );
    await expect(appendLines(path, ["x"], { maxLineBytes: wrong("5") })).rejects.toThrow(
      /^maxLineBytes must be/,
    );
    expect(namesIn(join(path, ".."))).toEqual([]);
  });

  it("writes no line that a log would refuse to read, unless it is told to", async () => {
    const path = join(temporaryDirectory(), "events.jsonl");
    const longest = `"${"x".repeat(16 * 1024 * 1024 - 2)}"`;
    await expect(appendLines(path, ["1", `${longest} `])).rejects.toBeInstanceOf(TooLargeError);
    expect(() => appendLinesSync(path, ["ééé"], { maxLineBytes: 5 })).toThrow(TooLargeError);
    expect(namesIn(join(path, ".."))).toEqual([]);
    await appendLines(path, [longest], { durability: "os" });
    expect(await jsonlLog(path).read()).toHaveLength(1);
    await appendLines(path, [`${longest} `], { durability: "os", maxLineBytes: 1 << 25 });
    await expect(jsonlLog(path).read()).rejects.toBeInstanceOf(TooLargeError);
  });
});
