/** Programs of both sides that update one file at the same time. */
import { deepEqual, equal } from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Program } from "../harness/program.ts";
import type { UpdateKind } from "./neighbour.ts";
import type { Pair, Way } from "./pair.ts";

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
  const begunAt = performance.now();
  const programs = names.map((name, at) =>
    (at % 2 === 0 ? ours : theirs)(kind, [file, String(each), name], way),
  );
  await Program.finishAll(programs);
  const ranMs = performance.now() - begunAt;
  checkContent(kind, readFileSync(file, "utf8"), names, each);
  const waits = await Promise.all(programs.map((program) => program.line()));
  const of = (side: number): string =>
    waits
      .filter((_, at) => at % 2 === side)
      .map(waitOf)
      .reduce(longer);
  // One that looks now and then, beside ours that wait in the kernel's queue, comes in when a look of its meets a gap.
  const isByLuck = neighbour.pollMs !== undefined && neighbour.oursPolls !== true;
  const worstMs = Math.max(Number(of(0)), isByLuck ? 0 : Number(of(1)));
  // In a fleet that is over soon, one late start is half of it.
  if (patient && worstMs > ranMs / 2)
    throw new Error(`one of them starved: it waited for ${worstMs} of ${ranMs.toFixed(0)} ms`);
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
