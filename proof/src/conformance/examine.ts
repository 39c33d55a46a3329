import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PartContext } from "../harness/part.ts";
import type { StoreCase } from "./case.ts";
import { runControl, trap } from "./gate.ts";
import { judgeHistories, type Wrong } from "./history/judge-histories.ts";
import { HistorySource, type HistorySize } from "./history/record-histories.ts";
import { skipReasons } from "./matrix.ts";
import { compareStores, type ComparisonSize } from "./model/compare.ts";
import { allMutants } from "./mutants/all-mutants.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { runConformance, type ConformanceReport } from "./run-conformance.ts";
import { isMissing } from "./subject.ts";
import { subjects, type Subject } from "./subjects.ts";

/** Every example against one store. Hooks that are missing are named with the reason. */
export async function examineStore(
  { tally, say, seed }: PartContext,
  { name, factory, nemesis }: Subject,
  cases?: readonly StoreCase[],
): Promise<ConformanceReport> {
  for (const [hook, what] of Object.entries(nemesis)) {
    if (isMissing(what as object)) say(`${name} has no ${hook}: ${(what as { missing: string }).missing}`);
  }
  const report = await runConformance(name, factory, nemesis, { seed, cases });
  for (const outcome of report.outcomes) {
    if (outcome.outcome === "passed") tally.pass();
    else if (outcome.outcome === "failed")
      tally.fail(`${name}, ${outcome.promise}: ${outcome.name}`, outcome.why ?? "");
  }
  for (const [why, count] of skipReasons(report)) tally.skip(name, why, count);
  tally.count("examples", report.outcomes.length);
  return report;
}

/** Random sequences against the store in memory, which is compared with nothing itself. */
export async function examineSequences(
  { tally, say }: PartContext,
  { name, factory }: Subject,
  size: ComparisonSize,
): Promise<void> {
  const oracle = subjects[0];
  if (oracle === undefined || oracle.name === name) return;
  const { sequences, actions, difference } = await compareStores(oracle.factory, factory, size);
  tally.count("sequences", sequences);
  tally.count("actions", actions);
  if (difference === undefined) tally.pass();
  else tally.fail(`${name} answers otherwise than ${oracle.name}`, `seed ${size.seed}\n${difference}`);
  say(`${name}: ${sequences} sequences, ${actions} actions`);
}

/** In fewer, all may be over before anybody is to be killed. */
const fewestWithDeaths = 5;

/** Of those who are to be killed, or paused, so many must have been at work: the others were through before they were hit. */
const leastShare = 0.75;

/** Histories of concurrent clients, some of them killed, through the checkers. */
export async function examineHistories(
  context: PartContext,
  { name, chancy, nemesis }: Subject,
  { histories, ...size }: HistorySize & { readonly histories: number },
): Promise<void> {
  const { tally, random, say } = context;
  const source = new HistorySource(nemesis, random);
  try {
    for (let at = 0; at < histories; at += 1) {
      const place = await chancy(random.between(0, 1 << 30)).create();
      const seen = await source.record(place, size);
      await place.clean();
      const all = [...seen.register, ...seen.log, ...seen.lists, ...seen.lock];
      tally.count("histories");
      tally.count("operations", all.length);
      tally.count("unknown_outcomes", all.filter(({ endedAt }) => endedAt === Infinity).length);
      const wrong = judgeHistories(seen);
      if (wrong.length === 0) tally.pass();
      for (const each of wrong) failHistory(context, `${name}, history ${at}`, each);
    }
  } finally {
    await source.close();
  }
  const wanted = [
    ["killed", source.met.kills, isMissing(nemesis.killHolder) ? 0 : size.kills],
    ["paused", source.met.pauses, isMissing(nemesis.pauseHolder) ? 0 : (size.pauses ?? 0)],
  ] as const;
  for (const [what, met, each] of wanted) {
    if (histories < fewestWithDeaths || met >= leastShare * each * histories) continue;
    const found = `${met} of ${each * histories} were ${what} at work, in ${histories} histories`;
    tally.fail(`${name}: histories whose clients are ${what}`, found);
  }
  tally.count("kills", source.met.kills);
  tally.count("pauses", source.met.pauses);
  say(`${name}: ${histories} histories`);
}

function failHistory({ tally, seed }: PartContext, what: string, { promise, text, html }: Wrong): void {
  const directory = fileURLToPath(new URL("../../build/", import.meta.url));
  const file = `${directory}${what.replaceAll(/[^\w-]+/g, "-")}-${promise}-${seed}.html`;
  if (html !== undefined) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, html);
  }
  tally.fail(`${what}, ${promise}`, `seed ${seed}${html === undefined ? "" : `, drawn in ${file}`}\n${text}`);
}

/** Every broken store must be caught, and an unbroken one in the same wrapping must not be. */
export async function examineMutants(
  { tally, say }: PartContext,
  {
    mutants = allMutants,
    controls = [false, true],
  }: { readonly mutants?: readonly Mutant[]; readonly controls?: readonly boolean[] } = {},
): Promise<void> {
  for (const files of controls) {
    const { outcomes } = await runControl(files);
    const failed = outcomes.filter(({ outcome }) => outcome === "failed");
    if (failed.length === 0) tally.pass();
    for (const { name, why = "" } of failed)
      tally.fail(`a wrapper that breaks nothing is caught by: ${name}`, why);
  }
  tally.count("mutants", mutants.length);
  tally.count("caught", 0);
  for (const mutant of mutants) {
    const { caughtBy, why } = await trap(mutant);
    if (caughtBy === undefined)
      tally.fail(
        `a broken store is not noticed: ${mutant.name}`,
        `no case of ${mutant.breaks} failed for anything but not ending`,
      );
    else {
      tally.count("caught");
      tally.pass();
      say(`caught: ${mutant.name} - by ${caughtBy} (${why.slice(0, 100)})`);
    }
  }
}
