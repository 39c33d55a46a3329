/** The instruments themselves: each must see the fault it is there for. */
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { StormLedger } from "../src/crash/storm-ledger.ts";
import { verifyAftermath } from "../src/crash/verify.ts";
import { crashOperation } from "../src/crash/operations.ts";
import type { FaultOperation } from "../src/faults/fault-operation.ts";
import { callsOf, tryFault } from "../src/faults/nth-error.ts";
import { acquireLock, files, realFileSystem, WriteFailedError } from "../src/harness/core.ts";
import { Program } from "../src/harness/program.ts";
import { Tally } from "../src/harness/tally.ts";
import { withTemporaryDirectory } from "../src/harness/temporary-directory.ts";
import { refuses } from "../src/hostile/refusal.ts";

const plain = { files: ["data"], content: (_: string, rounds: number) => `round ${rounds}` } as const;

function write(path: string, flags: number, text: string, atEnd = (_fd: number): void => undefined): void {
  const fd = files.openSync(path, flags, 0o644);
  try {
    files.writeSync(fd, Buffer.from(text), 0, text.length, null);
  } catch (cause) {
    throw new WriteFailedError(path, "write", cause);
  } finally {
    atEnd(fd);
  }
}

const close = (fd: number): void => realFileSystem.closeSync(fd);

/** Each breaks one rule. */
const mutants: readonly (FaultOperation & { readonly sees: string })[] = [
  {
    ...plain,
    name: "writes in place",
    sees: "the content is not what the outcome says",
    run: (directory, round) => write(join(directory, "data"), 0o1002, `round ${round}`, close),
  },
  {
    ...plain,
    name: "leaks a descriptor on failure",
    sees: "descriptors leak",
    run: (directory, round) => {
      write(join(directory, ".x.staged"), 0o102, `round ${round}`);
      files.renameSync(join(directory, ".x.staged"), join(directory, "data"));
    },
  },
  {
    ...plain,
    name: "leaves its staged file, and an untyped error",
    sees: "a staged file is left",
    run: (directory, round) => {
      write(join(directory, ".x.staged"), 0o102, `round ${round}`, close);
      files.renameSync(join(directory, ".x.staged"), join(directory, "data"));
    },
  },
  {
    ...plain,
    name: "keeps the lock on failure",
    sees: "the lock is still held",
    run: async (directory, round) => {
      const lock = await acquireLock(join(directory, "data"), "exclusive", { timeoutMs: 200 });
      write(join(directory, ".x.staged"), 0o102, `round ${round}`, close);
      files.renameSync(join(directory, ".x.staged"), join(directory, "data"));
      await lock.release();
    },
  },
];

for (const { sees, ...operation } of mutants) {
  test(`T3 sees an operation that ${operation.name}`, () =>
    withTemporaryDirectory(async (root) => {
      const reports: string[] = [];
      for (const call of (await callsOf(operation, root)).keys()) {
        const fault = { call, nth: 1, errno: "EIO", forever: false };
        reports.push((await tryFault(operation, fault, root)) ?? "");
      }
      expect(reports.join("\n")).toContain(sees);
    }));
}

test("T1 sees a torn file, a lost acknowledgement and a deleted tail", () =>
  withTemporaryDirectory(async (root) => {
    const replace = crashOperation("replaceFile");
    const judge = (text: string, acknowledged: number, operation = replace): Promise<void> => {
      const directory = mkdtempSync(join(root, "aftermath-"));
      writeFileSync(join(directory, "data.jsonl"), text);
      return verifyAftermath(operation, { directory, acknowledged, begun: 1 });
    };
    const old = replace.content("data.jsonl", 0) ?? "";
    await judge(old, 0);
    await expect(judge(old.slice(0, -5), 0)).rejects.toThrow(/old content or the new/);
    await expect(judge(old, 1)).rejects.toThrow(/the new content/);
    const torn = crashOperation("appendLines after a torn tail");
    await expect(judge(torn.content("data.jsonl", 1) ?? "", 0, torn)).rejects.toThrow(/torn tail/);
  }));

test("T2 sees a lost change, a doubled one and a gap", () => {
  const ledger = new StormLedger();
  for (const line of ["try log 1", "acknowledged log 1", "try log 2", "try document 1"])
    ledger.note("w", line);
  const judge = (count: number, rounds: readonly number[]) =>
    ledger.judge(
      { w: count },
      rounds.map((round) => ({ by: "w", round })),
    );
  expect(judge(1, [1, 2]).explanations).toEqual([]);
  expect(judge(0, [1]).explanations).toEqual([]);
  expect(judge(0, []).lost).toBe(1);
  expect(judge(2, [1]).duplicated).toBe(1);
  expect(judge(0, [2]).explanations).not.toEqual([]);
});

test("T9 sees a lock that does not exclude", () =>
  withTemporaryDirectory(async (directory) => {
    const path = join(directory, "counter");
    writeFileSync(path, "0");
    const file = new URL("../src/counter/incrementer.ts", import.meta.url);
    const programs = [0, 1, 2].map(() => Program.node(file, ["unlocked", path, "20000"]));
    await expect(Program.finishAll(programs)).rejects.toThrow(/two holders at once|ENOENT|ENOTEMPTY/);
  }));

test("P10 sees a refusal that changed the disk, and a call that is not refused", () =>
  withTemporaryDirectory(async (directory) => {
    const path = join(directory, "left");
    const refusing = (): never => {
      writeFileSync(path, "");
      throw new WriteFailedError(path, "write", new Error("no"));
    };
    await expect(refuses(directory, refusing)).rejects.toThrow(/the disk was changed/);
    await expect(refuses(directory, () => undefined)).rejects.toThrow(/not refused/);
    expect(existsSync(path)).toBe(true);
  }));

test("a part in which nothing ran is not a success", () => {
  expect(new Tally().ok).toBe(false);
});
