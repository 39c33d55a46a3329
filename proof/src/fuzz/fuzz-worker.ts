/**
 * Program: tries mutated files until its cases are done or its time is up, and says what it is at, so that whoever watches it
 * knows what it died or hung of. Arguments: seed, first case, cases, milliseconds, targets as JSON, scratch directory.
 */
import { writeSync } from "node:fs";
import { Random } from "../harness/random.ts";
import { keepCase, keptCases } from "./corpus.ts";
import { replaced, replacementsIn, type Replacement } from "./each-value.ts";
import { type Failure, type Files, type FuzzCase, mutable, prepared, runCase } from "./fuzz-case.ts";
import { minimise } from "./minimise.ts";
import { mutate } from "./mutate.ts";
import type { Target } from "./target.ts";
import { allTargets } from "./targets/all-targets.ts";
import { brokenTargets } from "./targets/broken-targets.ts";

const [seed, first, cases, ms] = process.argv.slice(2, 6).map(Number) as [number, number, number, number];
const names = JSON.parse(process.argv[6] ?? "[]") as readonly string[];
const scratch = process.argv[7] ?? "";
const targets = [...allTargets, ...brokenTargets].filter(({ name }) => names.includes(name));
/** What a process that reads a few kilobytes may come to. */
const mostRssBytes = 1 << 30;
const minimiseTries = 120;
const until = performance.now() + ms;

const say = (kind: string, value: unknown): void => void writeSync(1, `${kind} ${JSON.stringify(value)}\n`);

process.removeAllListeners("warning").on("warning", () => undefined);
for (const event of ["unhandledRejection", "uncaughtException"] as const)
  process.on(event, (error: unknown) => {
    say("failed", {
      signature: event,
      text: `${event}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    });
    process.exit(1);
  });

interface Start {
  readonly files: Files;
  /** In an order by the seed: of a short run, each has some of them. */
  readonly replacements: readonly Replacement[];
}

const starts = new Map<Target, Start>();
for (const target of targets) {
  say("at", { target: target.name, case: "prepare" });
  const files = await prepared(target, scratch);
  starts.set(target, {
    files,
    replacements: new Random(seed).shuffled(replacementsIn(files, mutable(target, files))),
  });
  if (first > 0) continue;
  for (const [name, kept] of keptCases(target.name)) {
    say("at", { target: target.name, case: `kept in ${name}` });
    await attempt(target, kept, false);
  }
}
for (let at = first; at < first + cases && performance.now() < until; at += 1) {
  const target = targets[at % targets.length];
  if (target === undefined) break;
  const random = new Random(seed * 1_000_003 + at);
  const start = starts.get(target);
  if (start === undefined) break;
  say("at", { target: target.name, case: at });
  await attempt(target, nth(target, start, Math.floor(at / targets.length), random), true);
}
say("done", { values: [...starts.values()].reduce((sum, { replacements }) => sum + replacements.length, 0) });
process.exit(0); // timers of what was read keep nobody

/** Each replacement in turn, and what comes by chance between them, and after them. */
function nth(target: Target, { files, replacements }: Start, turn: number, random: Random): FuzzCase {
  const replacement = turn % 2 === 0 ? replacements[turn / 2] : undefined;
  if (replacement !== undefined) return replaced(files, replacement);
  const mutated = random.pick(mutable(target, files));
  const bytes = mutate(files.get(mutated) ?? Buffer.alloc(0), random);
  return { files: new Map(files).set(mutated, bytes), mutated };
}

async function attempt(target: Target, tried: FuzzCase, isNew: boolean): Promise<void> {
  let failure = await runCase(target, tried, scratch);
  await new Promise(setImmediate); // what was rejected and nobody looked at is told now
  if (failure === undefined && process.memoryUsage.rss() > mostRssBytes)
    failure = { signature: "memory", text: `the process has grown to ${process.memoryUsage.rss()} bytes` };
  if (failure === undefined) return;
  const kept = isNew && !target.name.startsWith("broken") ? await keep(target, tried, failure) : undefined;
  say("failed", { ...failure, kept });
  if (failure.signature === "memory" || failure.signature.includes("HangError")) process.exit(1);
}

async function keep(target: Target, tried: FuzzCase, { signature }: Failure): Promise<string> {
  const bytes = tried.files.get(tried.mutated) ?? Buffer.alloc(0);
  const withBytes = (less: Buffer): FuzzCase => ({
    ...tried,
    files: new Map(tried.files).set(tried.mutated, less),
  });
  const fails = async (less: Buffer): Promise<boolean> =>
    (await runCase(target, withBytes(less), scratch))?.signature === signature;
  const isSlow = signature === "memory" || signature.includes("HangError");
  const least = isSlow ? bytes : await minimise(bytes, fails, minimiseTries);
  return keepCase(target.name, signature, withBytes(least));
}
