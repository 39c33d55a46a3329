/** Looks at what a power loss left, as whoever comes next does: with the packages themselves. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  closeAppendFiles,
  closeIdleLocks,
  jsonDocument,
  jsonlLog,
  StoreError,
  sweepStagedFiles,
} from "../harness/core.ts";
import type { CrashState } from "./crash-states.ts";
import {
  isCommitted,
  materialise,
  type Members,
  openMembers,
  pathsOf,
  readWorld,
  sameWorld,
  type Shape,
  type World,
} from "./world.ts";

/** What may be there. */
export interface Expectation {
  readonly shape: Shape;
  /** One of these, once it is recovered. */
  readonly worlds: readonly World[];
  /** Whether whole lines of the last world's log, beyond those of the first, may be there without the rest. */
  readonly mayHoldPart: boolean;
  /** Torn tails that an earlier loss of power left: kept, wherever they are by now. */
  readonly tails?: readonly string[];
}

/** What was found, if it was right. */
export interface Judged {
  readonly world: World;
  /** Whether lines that nobody had been promised were damaged in the middle of the log: a typed error tells. */
  readonly damaged: boolean;
  /** Files that say that somebody else had written meanwhile, though nobody had. */
  readonly conflicts: number;
}

let places = 0;

/** Throws what is wrong. */
export async function judge(state: CrashState, expected: Expectation, scratch: string): Promise<Judged> {
  const directory = join(scratch, `${(places += 1)}`);
  materialise(state.entries, directory);
  try {
    const { shape } = expected;
    await readWithoutLocks(directory, state, expected);
    const tail = tornTailOf(directory, shape);
    const members = openMembers(directory, shape);
    await recover(members, directory, shape, Number.parseInt(state.digest.slice(0, 2), 16));
    const world = readWorld(directory, shape);
    const damaged = check(world, expected);
    if (damaged) await checkDamaged(directory, expected);
    if (!(isCommitted(state.entries) && isCompleted(tail, world))) checkKept(directory, shape, tail.text);
    for (const each of expected.tails ?? []) checkKept(directory, shape, each);
    await writeAgain(members, directory, shape, damaged);
    const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
    const left = names.filter((name) => /\.(?:staged|intent)$/.test(name));
    deepEqual(left, [], "staged files after the next writes");
    return { world, damaged, conflicts: names.filter((name) => name.includes(".conflict-")).length };
  } finally {
    closeIdleLocks();
    closeAppendFiles();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** P4: a reader who takes no lock gets something that parses, or is told that it is damaged. */
async function readWithoutLocks(
  directory: string,
  { entries }: CrashState,
  expected: Expectation,
): Promise<void> {
  const { left, right, events } = pathsOf(expected.shape);
  for (const name of [left, right])
    await jsonDocument(join(directory, name), { defaults: () => ({}) }).read();
  try {
    await jsonlLog(join(directory, events)).read();
  } catch (error) {
    if (!isDamage(error)) throw error;
    // What a commit that was interrupted is still to write is its next taker's, who takes the locks.
    if (!isCommitted(entries)) await checkDamaged(directory, expected);
  }
}

/** Each state is come by in one of these ways. */
async function recover(members: Members, directory: string, shape: Shape, way: number): Promise<void> {
  const { store, left, right, events } = members;
  if (way % 4 === 1) await right.readLocked();
  if (way % 4 === 2) await events.transact(() => undefined);
  if (way % 4 === 3) {
    const directories = new Set(Object.values(pathsOf(shape)).map((path) => dirname(join(directory, path))));
    for (const each of directories) await sweepStagedFiles(each).catch(ignoreMissing);
  }
  // Nothing was begun that is not finished by whoever takes all locks.
  await store.transact({ left, right, events }, () => undefined);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof StoreError && error.code === "ERR_READ_FAILED")) throw error;
}

/** True where lines are damaged that nobody was promised. */
function check(world: World, { worlds, mayHoldPart }: Expectation): boolean {
  if (worlds.some((each) => sameWorld(each, world))) return false;
  const apart = { ...world, events: undefined };
  const log = world.events ?? "";
  for (const each of worlds) {
    if (!sameWorld({ ...each, events: undefined }, apart)) continue;
    const promised = promisedLog(worlds);
    if (!log.startsWith(promised)) continue;
    const rest = log.slice(promised.length);
    if (mayHoldPart && worlds.some(({ events = "" }) => events.startsWith(log)) && /(?:^|\n)$/.test(rest))
      return false;
    if (/\0/.test(rest)) return true;
  }
  throw new Error(`found ${describeWorld(world)}\nexpected one of\n${worlds.map(describeWorld).join("\n")}`);
}

/** The lines that every allowed world begins with. */
function promisedLog(worlds: readonly World[]): string {
  const [first = "", ...others] = worlds.map(({ events = "" }) => events);
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, first.lastIndexOf("\n", length - 1) + 1);
}

/** G5: the error is typed, and all that was promised can be read around the damage. */
async function checkDamaged(directory: string, { shape, worlds }: Expectation): Promise<void> {
  const path = join(directory, pathsOf(shape).events);
  const promised = promisedLog(worlds)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
  const readable = await jsonlLog(path, { onCorrupt: "skip" }).read();
  deepEqual(readable.slice(0, promised.length), promised, "what was acknowledged, read around the damage");
}

function isDamage(error: unknown): boolean {
  return error instanceof StoreError && error.code === "ERR_LOG_CORRUPT";
}

interface TornTail {
  /** Where it begins in the log. */
  readonly at: number;
  readonly text: string;
}

function tornTailOf(directory: string, shape: Shape): TornTail {
  const log = readWorld(directory, shape).events ?? "";
  const at = log.lastIndexOf("\n") + 1;
  return { at, text: log.slice(at) };
}

/** Whether what was torn is whole where it stood. NULs stand for what had not come. */
export function isCompleted({ at, text }: TornTail, { events = "" }: World): boolean {
  const now = events.slice(at);
  return (
    now.length >= text.length && Array.from(text).every((each, index) => each === "\0" || each === now[index])
  );
}

/** P5: what was torn is kept aside, every byte of it. */
export function checkKept(directory: string, shape: Shape, tail: string): void {
  if (tail === "") return;
  const beside = dirname(join(directory, pathsOf(shape).events));
  const aside = readdirSync(beside)
    .filter((name) => name.includes(".torn-"))
    .map((name) => readFileSync(join(beside, name), "latin1"));
  ok(aside.includes(tail), `the torn tail ${JSON.stringify(tail.slice(0, 80))} is nowhere`);
}

/** The store works: each member alone, and all of them in one commit. */
async function writeAgain(
  members: Members,
  directory: string,
  shape: Shape,
  damaged: boolean,
): Promise<void> {
  const { store, left, right, events } = members;
  await left.update((draft) => void (draft.round = -1));
  await events.append({ round: -1, at: 0, text: "" });
  await store.transact({ right, events }, (tx) => {
    tx.right.draft.round = -2;
    tx.events.append({ round: -2, at: 0, text: "" });
  });
  const { left: leftNow = "", right: rightNow = "" } = readWorld(directory, shape);
  equal((JSON.parse(leftNow) as { round: number }).round, -1);
  equal((JSON.parse(rightNow) as { round: number }).round, -2);
  const path = join(directory, pathsOf(shape).events);
  const rounds = await jsonlLog<{ round: number }>(path, damaged ? { onCorrupt: "skip" } : {}).read();
  deepEqual(
    rounds.slice(-2).map(({ round }) => round),
    [-1, -2],
    "the last lines of the log",
  );
}

export function describeWorld(world: World): string {
  const brief = (text: string | undefined): string =>
    text === undefined
      ? "-"
      : text
          .replaceAll(
            /([a-z\0])\1{9,}/g,
            (run, letter: string) => `${letter === "\0" ? "NUL" : letter}*${run.length}`,
          )
          .replaceAll("\n", "⏎");
  return `left ${brief(world.left)} right ${brief(world.right)} events ${brief(world.events)}`;
}
