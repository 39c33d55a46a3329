import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonlLog } from "../../src/log/jsonl-log.ts";
import { CommitUncertainError, StoreError } from "../../src/errors.ts";
import { countingCalls, errnos, failingAt } from "../atomic/faults.ts";
import { namesIn, temporaryDirectory } from "../atomic/surroundings.ts";

const newPath = (): string => join(temporaryDirectory(), "events.jsonl");
const text = (path: string): string => readFileSync(path, "utf8");
interface Item {
  readonly id: number;
}

describe("rewrite", () => {
  it("keeps the bytes of kept entries, writes records anew, and reports the new end", async () => {
    const path = newPath();
    writeFileSync(path, '{"id":1, "big":12345678901234567890}\r\n{"id":2}\n\n{ "id" : 3 }\n');
    const log = jsonlLog<Item>(path);
    const receipt = await log.rewrite((entries) => [
      ...entries.filter(({ record }) => record.id !== 2),
      { id: 4 },
    ]);
    expect(text(path)).toBe('{"id":1, "big":12345678901234567890}\r\n{ "id" : 3 }\n{"id":4}\n');
    expect(receipt).toMatchObject({ changed: true, durability: "disk", offset: 0, nextOffset: 60 });
    expect(await log.read()).toMatchObject([{ id: 1 }, { id: 3 }, { id: 4 }]);
  });

  it("keeps a byte order mark at the beginning, whichever entry comes first", async () => {
    const path = newPath();
    writeFileSync(path, '\uFEFF{"id":1}\n{"id":2}\n');
    await jsonlLog<Item>(path).rewrite((entries) => entries.toReversed());
    expect(text(path)).toBe('\uFEFF{"id":2}\n{"id":1}\n');
  });

  it("removes what somebody who died had staged, even where it changes nothing", async () => {
    const path = newPath();
    writeFileSync(join(path, "..", `.events.jsonl.${"0".repeat(32)}.staged`), '{"id":1}\n');
    await jsonlLog<Item>(path).rewrite(() => []);
    expect(namesIn(join(path, ".."))).toEqual([]);
  });

  it("changes nothing when everything is kept, and creates nothing where nothing was", async () => {
    const path = newPath();
    const log = jsonlLog<Item>(path);
    expect(await log.rewrite((entries) => entries)).toMatchObject({ changed: false, nextOffset: 0 });
    expect(namesIn(join(path, ".."))).toEqual([]);
    const { revision } = await log.append({ id: 1 });
    const { calls, result } = await countingCalls(() => log.rewrite((entries) => entries));
    expect(result).toMatchObject({ changed: false, revision });
    expect(calls).not.toContain("renameSync");
  });

  it("P6: reads that fail while it looks whether anything changes are typed errors, and change nothing", async () => {
    const path = newPath();
    writeFileSync(path, '{"id":1}\n{"id":2}\n');
    const log = jsonlLog<Item>(path);
    const same = (): Promise<unknown> => log.rewrite(() => [{ id: 1 }, { id: 2 }]);
    await same(); // opens the lock, which is kept
    const { calls } = await countingCalls(same);
    const reasons: unknown[] = [];
    for (const [n, call] of calls.entries()) {
      if (call !== "readSync") continue;
      const { outcome } = await failingAt(n, "EIO", false, same);
      if (outcome.status === "rejected") reasons.push(outcome.reason);
    }
    expect(reasons).toHaveLength(2); // the log, and what would be written
    for (const reason of reasons) expect(reason).toMatchObject({ code: "ERR_READ_FAILED", path });
    expect(text(path)).toBe('{"id":1}\n{"id":2}\n');
  });

  it("can empty a log, and appends go on in the new file", async () => {
    const path = newPath();
    const log = jsonlLog<Item>(path);
    await log.appendMany([{ id: 1 }, { id: 2 }]);
    await log.rewrite(() => []);
    expect(text(path)).toBe("");
    await log.append({ id: 3 });
    log.appendSync({ id: 4 });
    expect(await log.read()).toEqual([{ id: 3 }, { id: 4 }]);
  });

  it("moves a torn tail aside instead of dropping it", async () => {
    const path = newPath();
    writeFileSync(path, '{"id":1}\n{"id":2}');
    const { quarantined } = await jsonlLog<Item>(path).rewrite((entries) => entries);
    expect(text(path)).toBe('{"id":1}\n');
    expect(text(quarantined?.path ?? "")).toBe('{"id":2}');
  });

  it("G5: refuses a damaged log at error, and moves the damage aside otherwise", async () => {
    const path = newPath();
    writeFileSync(path, '{"id":1}\nbroken\n{"id":2}\n');
    await expect(jsonlLog(path).rewrite(() => [])).rejects.toMatchObject({
      code: "ERR_LOG_CORRUPT",
      line: 2,
    });
    expect(text(path)).toContain("broken");
    const { corrupt } = await jsonlLog(path, { onCorrupt: "skip" }).rewrite((entries) => entries);
    expect(text(path)).toBe('{"id":1}\n{"id":2}\n');
    expect(text(corrupt?.path ?? "")).toBe("broken\n");
  });

  it("nothing is written when the work throws or returns what may not be stored", async () => {
    const path = newPath();
    const log = jsonlLog<unknown>(path);
    await log.append({ id: 1 });
    await expect(log.rewrite(() => [Number.NaN])).rejects.toMatchObject({ code: "ERR_RECORD_INVALID" });
    await expect(log.rewrite(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(text(path)).toBe('{"id":1}\n');
    await log.append({ id: 2 }, { timeoutMs: 0 });
  });

  it("nobody appends between what it read and what it writes", async () => {
    const path = newPath();
    const log = jsonlLog<Item>(path);
    await log.append({ id: 1 });
    let appended: Promise<unknown> = Promise.resolve();
    const outside = (): void => void (appended = log.append({ id: 2 }));
    const rewriting = log.rewrite(async (entries) => {
      await new Promise(setImmediate);
      return entries.map(({ record }) => ({ id: record.id * 10 }));
    });
    outside();
    await Promise.all([rewriting, appended]);
    expect(new Set((await log.read()).map(({ id }) => id))).toEqual(new Set([10, 2]));
  });

  it.each(errnos)(
    "P6: %s at any file call leaves the old log or the new one, and says which",
    async (code) => {
      const path = newPath();
      const directory = join(path, "..");
      const [before, after] = ['{"id":1}\n{"id":2}\n', '{"id":2}\n'];
      const work = () => jsonlLog<Item>(path).rewrite((entries) => entries.slice(1));
      writeFileSync(path, before);
      const { calls } = await countingCalls(work);
      for (const onward of [false, true]) {
        for (let n = 0; n < calls.length; n += 1) {
          writeFileSync(path, before);
          const { outcome } = await failingAt(n, code, onward, work);
          const at = `call ${n} (${calls[n]}), onward: ${onward}`;
          if (outcome.status === "rejected") expect(outcome.reason, at).toBeInstanceOf(StoreError);
          const isUncertain = outcome.status === "rejected" && outcome.reason instanceof CommitUncertainError;
          // Where the disk fails from before the rename on, it takes no sync either: nobody can say which stands.
          const isUndecided = isUncertain && code === "EIO" && onward && text(path) === before;
          const isNew = outcome.status === "fulfilled" || (isUncertain && !isUndecided);
          expect(text(path), at).toBe(isNew ? after : before);
          if (!onward) expect(namesIn(directory), at).toEqual(["events.jsonl"]);
          await jsonlLog(path).append({ id: 9 }, { timeoutMs: 0 });
        }
      }
    },
  );
});
