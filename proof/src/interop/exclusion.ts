/** The behaviours every neighbour must share with us, in both directions (P1, P2). */
import { equal } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Program } from "../harness/program.ts";

/** How a program of one side is started with `hold`, `try` or `count` and its arguments. */
export type Side = (verb: string, mode: string, directory: string) => Program;

/** One row of the table: what is shown, and how. */
export interface Exclusion {
  readonly name: string;
  run(ours: Side, peer: Side, directory: string, increments: number): Promise<void>;
}

async function held(side: Side, mode: string, directory: string): Promise<Program> {
  const program = side("hold", mode, directory);
  await program.expect("held");
  return program;
}

async function release(program: Program): Promise<void> {
  program.tell("release");
  await program.expect("released");
  await program.finish();
}

async function attempt(side: Side, mode: string, directory: string): Promise<string> {
  const program = side("try", mode, directory);
  const answer = await program.line();
  program.endInput();
  await program.finish();
  return answer;
}

/** While one side holds, the other is refused, and gets it afterwards. */
async function keepsOut(one: Side, other: Side, directory: string): Promise<void> {
  const holder = await held(one, "ex", directory);
  equal(await attempt(other, "ex", directory), "busy", "an exclusive attempt while held");
  equal(await attempt(other, "sh", directory), "busy", "a shared attempt while held");
  const waiter = other("hold", "ex", directory);
  await release(holder);
  await waiter.expect("held");
  equal(await attempt(one, "ex", directory), "busy", "an attempt after the hand-over");
  await release(waiter);
}

async function freedByDeath(one: Side, other: Side, directory: string): Promise<void> {
  const holder = await held(one, "ex", directory);
  equal(await attempt(other, "ex", directory), "busy");
  const waiter = other("hold", "ex", directory);
  holder.kill();
  await waiter.expect("held");
  await release(waiter);
}

export const exclusions: readonly Exclusion[] = [
  { name: "ours keeps them out", run: (ours, peer, directory) => keepsOut(ours, peer, directory) },
  { name: "theirs keeps us out", run: (ours, peer, directory) => keepsOut(peer, ours, directory) },
  {
    name: "readers share",
    async run(ours, peer, directory) {
      const one = await held(ours, "sh", directory);
      const other = await held(peer, "sh", directory);
      equal(await attempt(ours, "ex", directory), "busy", "our writer beside both");
      equal(await attempt(peer, "ex", directory), "busy", "their writer beside both");
      await release(one);
      equal(await attempt(ours, "ex", directory), "busy", "our writer beside their reader");
      equal(await attempt(ours, "sh", directory), "granted", "our reader beside their reader");
      await release(other);
      equal(await attempt(ours, "ex", directory), "granted", "our writer alone");
    },
  },
  { name: "our death frees", run: (ours, peer, directory) => freedByDeath(ours, peer, directory) },
  { name: "their death frees", run: (ours, peer, directory) => freedByDeath(peer, ours, directory) },
  {
    name: "counter exact",
    async run(ours, peer, directory, increments) {
      const counter = join(directory, "counter");
      writeFileSync(counter, "0");
      const each = Math.ceil(increments / 4);
      const sides = [ours, peer, ours, peer];
      await Program.finishAll(sides.map((side) => side("count", String(each), directory)));
      equal(Number(readFileSync(counter, "utf8")), 4 * each, "updates were lost or doubled");
    },
  },
];
