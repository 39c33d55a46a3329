/** Programs of both sides that update one file at the same time. */
import { deepEqual, equal } from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { missing } from "./counter.ts";
import type { UpdateKind } from "./neighbour.ts";
import type { Pair, Way } from "./pair.ts";
import { together } from "./together.ts";

/** The part of the updates, at least, before which the other side must have been in: or the one was through before the other began. */
const leastMeetings = 1 / 1_000;

/** Two of ours and two of theirs update one file; none of it is lost. The worst waits show that no side starves. */
export async function fleet(
  { neighbour, ours, theirs, directory, updates, patient }: Pair,
  kind: UpdateKind,
  way?: Way,
): Promise<string> {
  const file = join(directory, kind);
  const names = ["ours-0", "theirs-0", "ours-1", "theirs-1"];
  const each = Math.ceil(updates / names.length);
  writeFileSync(file, start(kind, names));
  chmodSync(file, 0o666);
  const programs = names.map((name, at) =>
    (at % 2 === 0 ? ours : theirs)(kind, [file, String(each), name], way),
  );
  const ranMs = await together(programs);
  const text = readFileSync(file, "utf8");
  checkContent(kind, text, names, each);
  const ends = await Promise.all(programs.map(async (program) => readEnd(await program.line())));
  const ofSide = (side: number): End[] => ends.filter((_, at) => at % 2 === side);
  const [ourWorst, theirWorst] = [0, 1].map((side) =>
    ofSide(side)
      .map(({ worst }) => worst)
      .reduce(longer),
  );
  // One that looks now and then, beside ours that wait in the kernel's queue, comes in when a look of its meets a gap.
  const isByLuck = neighbour.pollMs !== undefined && neighbour.oursPolls !== true;
  const worstMs = Math.max(Number(ourWorst), isByLuck ? 0 : Number(theirWorst));
  // In a fleet that is over soon, one late start is half of it.
  if (patient && worstMs > ranMs / 2)
    throw new Error(`one of them starved: it waited for ${worstMs} of ${ranMs.toFixed(0)} ms`);
  const met =
    kind === "append" ? changesOfSide(text) : ofSide(0).reduce((sum, { metTimes }) => sum + metTimes, 0);
  if (patient && met < names.length * each * leastMeetings)
    throw new Error(`they hardly met: ${met} times in ${names.length * each} updates`);
  return `0 of ${names.length * each} lost (${ourWorst} / ${theirWorst}; ${met})`;
}

/** What a program says in the end. */
interface End {
  readonly worst: string;
  readonly metTimes: number;
}

function readEnd(line: string): End {
  const [, worst = "", , met = "0"] = line.split(" ");
  return { worst, metTimes: Number(met) };
}

/** How often a line of one side follows one of the other. */
function changesOfSide(text: string): number {
  const sides = writers(text).map((by) => by.split("-")[0]);
  return sides.filter((side, at) => at > 0 && side !== sides[at - 1]).length;
}

const writers = (text: string): string[] =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { by: string }).by);

const longer = (one: string, other: string): string => (Number(other) > Number(one) ? other : one);

function start(kind: UpdateKind, names: readonly string[]): string {
  if (kind === "count") return "0";
  return kind === "append" ? "" : JSON.stringify(Object.fromEntries(names.map((name) => [name, 0])));
}

function checkContent(kind: UpdateKind, text: string, names: readonly string[], each: number): void {
  const ofSide = 2 * each;
  if (kind === "count") return equal(missing(text, ofSide, ofSide), 0, "updates were lost or doubled");
  if (kind === "map")
    return deepEqual(JSON.parse(text), Object.fromEntries(names.map((name) => [name, each])));
  const lines = writers(text);
  for (const name of names) equal(lines.filter((by) => by === name).length, each, `lines of ${name}`);
}
