import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { appendLines, appendLinesSync } from "../../src/atomic/append-lines.ts";
import { closeAppendFiles } from "../../src/atomic/append-registry.ts";
import { CommitUncertainError, StoreError } from "../../src/errors.ts";
import { realFileSystem, substituteFileSystem } from "../../src/platform/file-system.ts";
import { countingCalls, errnos, failingAt } from "./faults.ts";
import { descriptorsIn, namesIn, temporaryDirectory } from "./surroundings.ts";

const text = (path: string): string => readFileSync(path, "utf8");

const variants = [
  ["appendLines", (path: string) => appendLines(path, ["new", "lines"])],
  ["appendLinesSync", (path: string) => appendLinesSync(path, ["new", "lines"])],
] as const;
const starts = [
  ["a whole log", "old\n", "old\n"],
  ["a torn log", "old\ntorn", "old\n"],
] as const;

describe.each(variants)("%s while the system fails", (_name, append) => {
  describe.each(starts)("on %s", (_what, before, whole) => {
    it.each(errnos)(
      "P6: %s at any file call leaves the old lines or all the new ones, and says which",
      async (code) => {
        const directory = temporaryDirectory();
        const path = join(directory, "events.log");
        const start = (): void => {
          closeAppendFiles();
          writeFileSync(path, before);
        };
        start();
        const { calls } = await countingCalls(() => append(path));
        let rejections = 0;
        for (const onward of [false, true]) {
          for (let n = 0; n < calls.length; n += 1) {
            start();
            const { outcome } = await failingAt(n, code, onward, () => append(path));
            const content = text(path);
            const at = `call ${n} (${calls[n]}), onward: ${onward}`;
            if (outcome.status === "fulfilled") {
              expect(content, at).toBe(`${whole}new\nlines\n`);
            } else {
              rejections += 1;
              expect(outcome.reason, `${at}: ${String(outcome.reason)}`).toBeInstanceOf(StoreError);
              if (outcome.reason instanceof CommitUncertainError)
                expect([`${whole}new\nlines\n`, whole, before]).toContain(content);
              else expect([before, whole], `${at}: ${String(outcome.reason)}`).toContain(content);
            }
            await append(path); // the lock is free and the log in order
            expect(text(path), at).toMatch(/^old\n(new\nlines\n)+$/);
          }
        }
        expect(rejections).toBeGreaterThan(calls.length / 2);
        closeAppendFiles();
        expect(descriptorsIn(directory)).toEqual([]);
      },
    );
  });
});

describe("a disk that fills up in the middle of a write", () => {
  const shortWrite = (accept: number): (() => void) =>
    substituteFileSystem({
      writeSync: (fd, buffer, offset, length, position) =>
        realFileSystem.writeSync(fd, buffer, offset, Math.min(length, accept), position),
    });

  it("G1: the part that was written is taken back", async () => {
    const path = join(temporaryDirectory(), "events.log");
    await appendLines(path, ["old"]);
    const restore = shortWrite(6); // one whole line and a half
    try {
      await expect(appendLines(path, ["one", "two"])).rejects.toMatchObject({ code: "ERR_WRITE_FAILED" });
      expect(() => appendLinesSync(path, ["one", "two"])).toThrow(
        expect.objectContaining({ code: "ERR_WRITE_FAILED" }),
      );
    } finally {
      restore();
    }
    expect(text(path)).toBe("old\n");
  });

  it("P14: when even that fails the caller is told that it is uncertain, and the next append moves the rest aside", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "events.log");
    await appendLines(path, ["old"]);
    const restore = shortWrite(6);
    const undo = substituteFileSystem({
      ftruncateSync: () => {
        throw Object.assign(new Error("EIO: injected"), { code: "EIO" });
      },
    });
    try {
      const failure: unknown = await appendLines(path, ["one", "two"]).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "ERR_COMMIT_UNCERTAIN" });
      expect(String(failure)).toMatch(/taking the written part back/);
    } finally {
      undo();
      restore();
    }
    expect(text(path)).toBe("old\none\ntw");
    const { quarantined } = await appendLines(path, ["new"]);
    expect(text(path)).toBe("old\none\nnew\n");
    expect(readFileSync(quarantined?.path ?? "", "utf8")).toBe("tw");
  });
});

describe("an fdatasync that fails", () => {
  it("P14: rejects everyone it covered with CommitUncertainError, and no descriptor trusts it again", async () => {
    const path = join(temporaryDirectory(), "events.log");
    await appendLines(path, ["old"]);
    let failures = 1;
    const synced: number[] = [];
    const restore = substituteFileSystem({
      fdatasync: (fd) => {
        synced.push(fd);
        if (failures-- > 0) return Promise.reject(Object.assign(new Error("EIO: injected"), { code: "EIO" }));
        return realFileSystem.fdatasync(fd);
      },
    });
    try {
      const outcomes = await Promise.allSettled([appendLines(path, ["a"]), appendLines(path, ["b"])]);
      expect(outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason)).toEqual([
        expect.objectContaining({ code: "ERR_COMMIT_UNCERTAIN", osCode: "EIO" }),
        expect.objectContaining({ code: "ERR_COMMIT_UNCERTAIN", osCode: "EIO" }),
      ]);
      const { calls } = await countingCalls(() => appendLines(path, ["c"]));
      expect(calls).toContain("openSync"); // a new descriptor
    } finally {
      restore();
    }
    expect(text(path)).toBe("old\na\nb\nc\n");
  });

  it("one caller's failure to write is not its neighbours' failure", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "events.log");
    appendFileSync(path, "");
    const large = "x".repeat(6_000_000);
    const restore = substituteFileSystem({
      write: () => Promise.reject(Object.assign(new Error("EFBIG: injected"), { code: "EFBIG" })),
    });
    try {
      const outcomes = await Promise.allSettled([
        appendLines(path, ["a"]),
        appendLines(path, [large]),
        appendLines(path, ["b"]),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    } finally {
      restore();
    }
    expect(text(path)).toBe("a\nb\n");
    expect(namesIn(directory)).toEqual(["events.log"]);
  });
});
