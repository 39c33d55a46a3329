import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import {
  acquireLock,
  batchUpdateTasks,
  cleanupStaleLocks,
  FileLockManager,
  getLockMetrics,
  isLocked,
  releaseLock,
  updateTaskFile,
  updateWithLock,
  withLock,
} from "../../src/flowforge.ts";
import { place, temporaryDirectory } from "../support/surroundings.ts";

let directory: string;
let file: string;
beforeEach(() => {
  directory = temporaryDirectory();
  file = place(directory, ".flowforge/tasks.json", {
    tasks: [{ id: 142, status: "pending", dependencies: [] }],
  });
});

interface Stored {
  readonly tasks: readonly { readonly id: number; readonly status?: string }[];
}
const stored = (): Stored => JSON.parse(readFileSync(file, "utf8")) as Stored;

// What FlowForge's document calls file-lock.test.js and file-lock-integration.test.js.
describe("FlowForge's own names", () => {
  it("updateTaskFile updates a task, or adds it, with whatever status a script gives", async () => {
    await updateTaskFile(
      { id: 142, status: "completed", completedAt: "2026-01-01T00:00:00.000Z" },
      { directory },
    );
    await updateTaskFile({ id: 7, status: "test" }, { directory });
    expect(stored().tasks).toMatchObject([
      { id: 142, status: "completed", completedAt: "2026-01-01T00:00:00.000Z", dependencies: [] },
      { id: 7, status: "test" },
    ]);
  });

  it("a relative directory means what it means now, also after the program went elsewhere", () => {
    const other = temporaryDirectory();
    const there = place(other, ".flowforge/tasks.json", { tasks: [] });
    const program = `
      const { updateTaskFile } = await import(${JSON.stringify(new URL("../../src/flowforge.ts", import.meta.url))});
      await updateTaskFile({ id: 1 }, { directory: "." });
      process.chdir(${JSON.stringify(other)});
      await updateTaskFile({ id: 2 }, { directory: "." });`;
    const node = ["--conditions=@flockwork/source", "--input-type=module", "-e", program];
    execFileSync(process.execPath, node, { cwd: directory });
    expect(stored().tasks.map(({ id }) => id)).toEqual([142, 1]);
    expect((JSON.parse(readFileSync(there, "utf8")) as Stored).tasks.map(({ id }) => id)).toEqual([2]);
  });

  it("P5: batchUpdateTasks does all of it or none", async () => {
    await batchUpdateTasks(
      [
        { id: 1, status: "in-progress" },
        { id: 142, status: "blocked" },
      ],
      { directory },
    );
    expect(stored().tasks.map(({ id, status }) => [id, status])).toEqual([
      [142, "blocked"],
      [1, "in-progress"],
    ]);
    const before = readFileSync(file, "utf8");
    await expect(
      batchUpdateTasks(
        [
          { id: 1, status: "completed" },
          { id: 142, dependencies: [142] },
        ],
        { directory },
      ),
    ).rejects.toMatchObject({ code: "ERR_DEPENDENCY_CYCLE" });
    await expect(batchUpdateTasks([{ id: 2 }, { status: "x" } as never], { directory })).rejects.toThrow(
      TypeError,
    );
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  it("a lock that cannot be had in time is an error whose message says timeout", async () => {
    const lockId = await acquireLock(file);
    await expect(updateTaskFile({ id: 142, status: "x" }, { directory, timeout: 30 })).rejects.toThrow(
      "timeout",
    );
    await expect(batchUpdateTasks([{ id: 142 }], { directory, timeout: 0 })).rejects.toThrow("timeout");
    expect(await releaseLock(file, lockId)).toBe(true);
    await updateTaskFile({ id: 142, status: "done" }, { directory, timeout: 5_000 });
  });

  it("acquireLock gives the id that old scripts see, and releaseLock wants it", async () => {
    const lockId = await acquireLock(file, 1_000);
    const record = join(directory, ".flowforge/.locks/tasks.json.lock");
    expect(JSON.parse(readFileSync(record, "utf8"))).toMatchObject({ lockId, pid: process.pid, file });
    expect(await isLocked(file)).toBe(true);
    expect(await releaseLock(file, "another")).toBe(false);
    expect(await releaseLock(join(directory, ".flowforge/other.json"), lockId)).toBe(false);
    expect(await releaseLock(file, lockId)).toBe(true);
    expect(await releaseLock(file, lockId)).toBe(false);
    expect(existsSync(record)).toBe(false);
    expect(await isLocked(file)).toBe(false);
  });

  it("withLock, FileLockManager and updateWithLock keep others out of any file", async () => {
    const path = join(directory, "custom.json");
    writeFileSync(path, '{"n": 0}');
    const manager = new FileLockManager({ timeout: 20_000 });
    const add = (): Promise<number> =>
      manager.withLock(path, async () => {
        const { n } = JSON.parse(readFileSync(path, "utf8")) as { n: number };
        await new Promise(setImmediate);
        writeFileSync(path, JSON.stringify({ n: n + 1 }));
        return n;
      });
    const set = updateWithLock<{ n: number }>(path, (data) => void (data.n += 100));
    const replaced = updateWithLock<{ n: number }>(path, async (data) => ({ n: data.n + 1_000 }));
    const seen = await Promise.all(Array.from({ length: 10 }, add));
    await Promise.all([set, replaced]);
    expect(new Set(seen).size).toBe(10);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ n: 1_110 });
    await expect(withLock(path, () => Promise.reject(new Error("work")))).rejects.toThrow("work");
    expect(await isLocked(path)).toBe(false);
  });

  // FlowForge's stale-lock-test.js.
  it("sees and respects the lock of an old script, and cleans up what a dead one left", async () => {
    const record = join(directory, ".flowforge/.locks/tasks.json.lock");
    mkdirSync(join(directory, ".flowforge/.locks"));
    writeFileSync(
      record,
      JSON.stringify({ pid: process.ppid, lockId: "x", timestamp: Date.now(), heartbeat: Date.now() }),
    );
    expect(await isLocked(file)).toBe(true);
    expect(await cleanupStaleLocks(join(directory, ".flowforge"))).toBe(0);
    writeFileSync(record, JSON.stringify({ pid: 2 ** 22 + 1, lockId: "x", timestamp: 0, heartbeat: 0 }));
    utimesSync(record, 0, 0);
    expect(await cleanupStaleLocks(join(directory, ".flowforge"))).toBe(1);
    expect(existsSync(record)).toBe(false);
  });

  it("counts waits and timeouts in the shape that scripts print", async () => {
    const before = getLockMetrics().totalTimeouts;
    const lockId = await acquireLock(file);
    await expect(withLock(file, () => undefined, { timeout: 5 })).rejects.toThrow("timeout");
    await releaseLock(file, lockId);
    const { averageWaitTime, totalTimeouts } = getLockMetrics();
    expect(averageWaitTime).toBeTypeOf("number");
    expect(totalTimeouts).toBe(before + 1);
  });

  it("can be required by a CommonJS script", async () => {
    const path = place(directory, "script.cjs", "exports.use = (names) => Object.keys(names).length;");
    const { use } = createRequire(import.meta.url)(path) as { use: (names: object) => number };
    expect(use(await import("../../src/flowforge.ts"))).toBe(12);
  });
});
