/** Nothing of the proof stays on a machine, whatever its processes die of. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { mountRefusal } from "../src/environments/mounts.ts";
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

test("a file system is seen by nobody else, and goes with whoever mounted it", async (context) => {
  const refusal = mountRefusal();
  if (refusal !== undefined) return context.skip(refusal);
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    const { program, directories, mounted: [path, fromOutside] = [] } = await held("mount");
    if (path === undefined || fromOutside === undefined) throw new Error("nothing was mounted");
    expect(readFileSync("/proc/mounts", "utf8")).not.toContain(path);
    expect(existsSync(fromOutside)).toBe(true);
    program.kill(signal);
    await program.exited;
    await expect.poll(() => existsSync(fromOutside), { timeout: 60_000 }).toBe(false);
    for (const directory of directories) rmSync(directory, { recursive: true });
  }
});
