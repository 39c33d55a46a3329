/** The behaviours every neighbour must share with us, in both directions (P1, P2): one column of the table each. */
import { deepEqual, equal } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { inspectLock } from "../harness/core.ts";
import { Program } from "../harness/program.ts";
import type { Neighbour, UpdateKind } from "./neighbours.ts";

/** How a program of one side is started with its verb and what follows; `way` is how ours calls the library. */
export type Side = (verb: string, args: readonly string[], way?: string) => Program;

/** A pair under examination, in a directory of its own. */
export interface Pair {
  readonly neighbour: Neighbour;
  readonly ours: Side;
  readonly theirs: Side;
  readonly directory: string;
  /** Updates of a fleet of two of ours and two of theirs. */
  readonly updates: number;
}

export interface Column {
  readonly name: string;
  /** What to write into the cell. Throws where the promise does not hold. */
  run(pair: Pair): Promise<string>;
  /** Why it does not apply to a neighbour. */
  excuse?(neighbour: Neighbour): string | undefined;
}

async function held(side: Side, mode: string): Promise<Program> {
  const program = side("hold", [mode]);
  await program.expect("held");
  return program;
}

async function release(program: Program): Promise<void> {
  program.tell("release");
  await program.expect("released");
  await program.finish();
}

async function attempt(side: Side, mode: string): Promise<string> {
  const program = side("try", [mode]);
  const answer = await program.line();
  program.endInput();
  await program.finish();
  return answer;
}

/** While one side holds, the other is refused, and gets it afterwards. */
async function keepsOut(one: Side, other: Side, shares: boolean): Promise<string> {
  const holder = await held(one, "ex");
  equal(await attempt(other, "ex"), "busy", "an exclusive attempt while held");
  if (shares) equal(await attempt(other, "sh"), "busy", "a shared attempt while held");
  const waiter = other("hold", ["ex"]);
  await release(holder);
  await waiter.expect("held");
  equal(await attempt(one, "ex"), "busy", "an attempt after the hand-over");
  await release(waiter);
  return "yes";
}

/** Milliseconds from the kill until the other side is in, which waited already. */
async function freedByDeath({ theirs, directory, neighbour }: Pair, one: Side, other: Side): Promise<string> {
  const holder = await held(one, "ex");
  equal(await attempt(other, "ex"), "busy");
  const waiter = other("hold", ["ex"]);
  const data = join(directory, neighbour.data ?? "data");
  // Who polls is in nobody's queue: a pause long enough for a program to start is all there is.
  if (neighbour.polls === true && other === theirs) await pause(500);
  else while (inspectLock(data, { layout: neighbour.layout }).waiters.length === 0) await pause(1);
  const killedAt = performance.now();
  holder.kill();
  await waiter.expect("held");
  const ms = performance.now() - killedAt;
  await release(waiter);
  return `${ms.toFixed(0)} ms`;
}

/** Two of ours and two of theirs update one file; none of it is lost. The worst waits show that no side starves. */
async function fleet(
  { ours, theirs, directory, updates }: Pair,
  kind: UpdateKind,
  way?: string,
): Promise<string> {
  const file = join(directory, kind);
  const names = ["ours-0", "theirs-0", "ours-1", "theirs-1"];
  const each = Math.ceil(updates / names.length);
  writeFileSync(file, start(kind, names));
  const programs = names.map((name, at) =>
    (at % 2 === 0 ? ours : theirs)(kind, [file, String(each), name], way),
  );
  await Program.finishAll(programs);
  checkContent(kind, readFileSync(file, "utf8"), names, each);
  const waits = await Promise.all(programs.map((program) => program.line()));
  const of = (side: number): string =>
    waits
      .filter((_, at) => at % 2 === side)
      .map(waitOf)
      .reduce(longer);
  return `0 of ${names.length * each} lost (${of(0)} / ${of(1)})`;
}

const waitOf = (line: string): string => line.replace("worst ", "");
const longer = (one: string, other: string): string => (Number(other) > Number(one) ? other : one);

function start(kind: UpdateKind, names: readonly string[]): string {
  if (kind === "count") return "0";
  return kind === "append" ? "" : JSON.stringify(Object.fromEntries(names.map((name) => [name, 0])));
}

function checkContent(kind: UpdateKind, text: string, names: readonly string[], each: number): void {
  if (kind === "count") return equal(Number(text), names.length * each, "updates were lost or doubled");
  if (kind === "map")
    return deepEqual(JSON.parse(text), Object.fromEntries(names.map((name) => [name, each])));
  const lines = text
    .split("\n")
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { by: string }).by);
  for (const name of names) equal(lines.filter((by) => by === name).length, each, `lines of ${name}`);
}

const noSharing = ({ shares }: Neighbour): string | undefined => (shares ? undefined : "no shared locks");
const byStaleness = ({ kind }: Neighbour): string | undefined =>
  kind === "kernel" ? undefined : "by staleness";
const can =
  (kind: UpdateKind) =>
  ({ updates }: Neighbour): string | undefined =>
    updates.includes(kind) ? undefined : "-";

export const columns: readonly Column[] = [
  {
    name: "ours keeps them out",
    run: ({ ours, theirs, neighbour }) => keepsOut(ours, theirs, neighbour.shares),
  },
  {
    name: "theirs keeps us out",
    run: ({ ours, theirs, neighbour }) => keepsOut(theirs, ours, neighbour.shares),
  },
  {
    name: "readers share",
    excuse: noSharing,
    async run({ ours, theirs }) {
      const one = await held(ours, "sh");
      const other = await held(theirs, "sh");
      equal(await attempt(ours, "ex"), "busy", "our writer beside both");
      equal(await attempt(theirs, "ex"), "busy", "their writer beside both");
      await release(one);
      equal(await attempt(ours, "ex"), "busy", "our writer beside their reader");
      equal(await attempt(ours, "sh"), "granted", "our reader beside their reader");
      await release(other);
      equal(await attempt(ours, "ex"), "granted", "our writer alone");
      return "yes";
    },
  },
  {
    name: "our death frees them",
    excuse: byStaleness,
    run: (pair) => freedByDeath(pair, pair.ours, pair.theirs),
  },
  {
    name: "their death frees us",
    excuse: byStaleness,
    run: (pair) => freedByDeath(pair, pair.theirs, pair.ours),
  },
  { name: "counter", excuse: can("count"), run: (pair) => fleet(pair, "count", "async") },
  { name: "counter, our sync calls", excuse: can("count"), run: (pair) => fleet(pair, "count", "sync") },
  {
    name: "counter, our worker threads",
    excuse: can("count"),
    run: (pair) => fleet(pair, "count", "threads"),
  },
  { name: "appended lines", excuse: can("append"), run: (pair) => fleet(pair, "append") },
  { name: "JSON map", excuse: can("map"), run: (pair) => fleet(pair, "map") },
];
