/** Nothing of the proof stays on a machine, whatever its processes die of. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { findCommand } from "../src/harness/commands.ts";
import { mountRefusal } from "../src/harness/mount-namespace.ts";
import { Program } from "../src/harness/program.ts";
import type { Held } from "./support/place-holder.ts";

const holder = new URL("support/place-holder.ts", import.meta.url);

async function held(...args: readonly string[]): Promise<Held & { readonly program: Program }> {
  const program = Program.node(holder, args);
  return { program, ...(JSON.parse(await program.line()) as Held) };
}

test("the directories of a process that was killed are removed by the next one, and those of a living one stay", async () => {
  const [killed, living] = [await held(), await held()];
  killed.program.kill();
  await killed.program.exited;
  expect(killed.directories.map((path) => existsSync(path))).toEqual([true, true]);
  const next = await held();
  expect(killed.directories.map((path) => existsSync(path))).toEqual([false, false]);
  expect([...living.directories, ...next.directories].every((path) => existsSync(path))).toBe(true);
  for (const { program, directories } of [living, next]) {
    program.kill();
    await program.exited;
    for (const path of directories) rmSync(path, { recursive: true });
  }
});

const signals = ["SIGINT", "SIGKILL"] as const;

for (const kind of ["mount", "fuse"] as const)
  test(`a file system is seen by nobody else, and goes with whoever mounted it (${kind})`, async (context) => {
    const absent =
      kind === "fuse" && findCommand("bindfs") === undefined ? "bindfs is not installed" : undefined;
    const refusal = mountRefusal() ?? absent;
    if (refusal !== undefined) return context.skip(refusal);
    for (const signal of signals) {
      const { program, directories, mounted: [path, fromOutside] = [] } = await held(kind);
      if (path === undefined || fromOutside === undefined) throw new Error("nothing was mounted");
      expect(readFileSync("/proc/mounts", "utf8")).not.toContain(path);
      expect(existsSync(fromOutside)).toBe(true);
      expect(whoSees(path)).not.toEqual([]);
      program.kill(signal);
      await program.exited;
      await expect.poll(() => whoSees(path)).toEqual([]);
      for (const directory of directories) rmSync(directory, { recursive: true, force: true });
    }
  });

/** The processes in whose namespace something is mounted there: it stays as long as one of them does. */
function whoSees(path: string): string[] {
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/mounts`, "utf8").includes(` ${path} `);
    } catch {
      return false; // it has ended
    }
  });
}

test.skipIf(process.platform !== "linux")(
  "a process that outlives its parent, to show what becomes of the parent's lock, does not outlive the proof",
  async () => {
    for (const signal of signals) {
      const { program, directories, child } = await held("child");
      if (child === undefined) throw new Error("there is no child");
      expect(isRunning(child)).toBe(true);
      program.kill(signal);
      await program.exited;
      await expect.poll(() => isRunning(child)).toBe(false);
      for (const directory of directories) rmSync(directory, { recursive: true, force: true });
    }
  },
);

/** One that ended may still be listed, until its new parent has asked how. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
