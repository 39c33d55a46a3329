import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openTasks } from "../../src/index.ts";
import { place, Program, temporaryDirectory } from "../support/surroundings.ts";

interface Counted {
  readonly tasks: readonly { readonly id: number | string; readonly count?: number }[];
}

function start(): {
  readonly directory: string;
  readonly counts: () => ReadonlyMap<number | string, number>;
} {
  const directory = temporaryDirectory();
  const path = place(directory, ".flowforge/tasks.json", { tasks: [{ id: 1, count: 0 }], milestones: [] });
  return {
    directory,
    counts: () => {
      const { tasks } = JSON.parse(readFileSync(path, "utf8")) as Counted;
      return new Map(tasks.map(({ id, count = 0 }) => [id, count]));
    },
  };
}

describe("programs that change one tasks.json", () => {
  // FlowForge's concurrent-lock-test.js.
  it("P1: 3 processes × 30 updates of one task and 30 of their own lose none", async () => {
    const { directory, counts } = start();
    const programs = ["a", "b", "c"].map((name) => new Program("update-tasks.ts", directory, name, "30"));
    expect(await Promise.all(programs.map((program) => program.exit()))).toEqual([0, 0, 0]);
    expect(Object.fromEntries(counts())).toEqual({ 1: 90, "by a": 30, "by b": 30, "by c": 30 });
  });

  it.each(["json", "mkdir"])(
    "P1: an old FlowForge script with its %s lock and ours lose nothing of each other",
    async (kind) => {
      const { directory, counts } = start();
      const old = new Program("old-script.ts", directory, kind, "old", "60");
      const ours = ["x", "y"].map((name) => new Program("update-tasks.ts", directory, name, "30"));
      expect(await Promise.all([old, ...ours].map((program) => program.exit()))).toEqual([0, 0, 0]);
      expect(Object.fromEntries(counts())).toEqual({ 1: 120, "by old": 60, "by x": 30, "by y": 30 });
    },
  );

  // The load test of FlowForge's document.
  it("P1: 100 updates at once in one process are all there, as one write", async () => {
    const { directory } = start();
    const tasks = openTasks(directory);
    const receipts = await Promise.all(
      Array.from({ length: 100 }, (_, at) => tasks.updateTaskFile({ id: at, status: "test" })),
    );
    expect(await tasks.list({ status: "test" })).toHaveLength(100);
    expect(new Set(receipts.map(({ revision }) => revision)).size).toBeLessThanOrEqual(2);
  });

  it("P2: a writer killed at any moment leaves a whole file, and nobody waits for it", async () => {
    const { directory, counts } = start();
    const tasks = openTasks(directory);
    for (let round = 0; round < 3; round += 1) {
      const program = new Program("update-tasks.ts", directory, `k${round}`, "100000");
      await program.message();
      const target = (counts().get(1) ?? 0) + 3 + round;
      while ((counts().get(1) ?? 0) < target) await new Promise(setImmediate);
      await program.kill();
      await tasks.update(1, { round }, { timeoutMs: 20_000 });
      // A program has at most five pairs of changes under way, each of which is there or not.
      const [sum, ...own] = [...counts().values()];
      expect(Math.abs((sum ?? 0) - own.reduce((total, count) => total + count, 0))).toBeLessThanOrEqual(
        5 * (round + 1),
      );
    }
    expect(JSON.parse(readFileSync(join(directory, ".flowforge/tasks.json"), "utf8"))).toHaveProperty(
      "tasks",
    );
  });
});
