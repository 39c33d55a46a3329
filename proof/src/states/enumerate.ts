import type { Random } from "../harness/random.ts";
import { describe } from "../harness/tally.ts";
import { crashStates } from "./crash-states.ts";
import { describeEvent, type DiskEvent } from "./event.ts";
import { judge } from "./judge.ts";
import { isAboutContent, knownGaps } from "./known-gaps.ts";
import type { NameOrder } from "./torn-names.ts";
import type { Trace } from "./trace.ts";
import type { Shape } from "./world.ts";

export interface EnumerationPlan {
  readonly shape: Shape;
  readonly order: NameOrder;
  /** States of one moment at most; where there are more, a random choice. */
  readonly statesEach: number;
  readonly random: Random;
  readonly scratch: string;
  /** Ends it at the first bad state. */
  readonly firstOnly?: boolean;
  /** How many events pass before the first moment. Default: none. */
  readonly from?: number;
}

export interface Enumerated {
  readonly states: number;
  /** Moments of which not every state was tried. */
  readonly sampled: number;
  readonly moments: number;
  readonly damaged: number;
  readonly conflicts: number;
  /** How often each known gap was seen. */
  readonly known: ReadonlyMap<string, number>;
  readonly bad: readonly string[];
}

/** The power goes at every moment of the last operation: each state that may be left is looked at. */
export async function enumerate(
  traced: Trace,
  { shape, order, statesEach, random, scratch, firstOnly = false, from = 0 }: EnumerationPlan,
): Promise<Enumerated> {
  const { disk: before, events, operation, tails, hasLooseLines, ...allowed } = traced;
  const disk = before.copy();
  const seen = new Set<string>();
  const bad: string[] = [];
  const known = new Map<string, number>();
  let [states, sampled, moments, damaged, conflicts] = [0, 0, 0, 0, 0];
  let acknowledged = false;
  for (const [at, event] of [undefined, ...events].entries()) {
    if (event !== undefined) disk.apply(event);
    acknowledged ||= event?.kind === "acknowledged";
    if (event?.kind === "sync" || at < from) continue; // the beginning of a sync alone changes nothing
    const worlds = acknowledged ? allowed.after : [...allowed.before, ...allowed.after];
    const isDone = acknowledged && operation.changesNothing !== true && operation.touches.includes("events");
    const mayHoldPart = !isDone && (hasLooseLines || operation.appendsLines === true);
    const found = crashStates(disk, statesEach, order, random);
    moments += 1;
    if (!found.isAll) sampled += 1;
    for (const state of found.states) {
      const key = `${acknowledged} ${state.digest}`;
      if (seen.has(key)) continue;
      seen.add(key);
      states += 1;
      try {
        const judged = await judge(state, { shape, worlds, mayHoldPart, tails }, scratch);
        if (judged.damaged) damaged += 1;
        conflicts += judged.conflicts;
      } catch (error) {
        const gaps = isAboutContent(error) ? knownGaps : [];
        const gap = gaps.find((each) => each.covers(state, { traced, acknowledged }));
        if (gap !== undefined) known.set(gap.name, (known.get(gap.name) ?? 0) + 1);
        else bad.push(explain(event, acknowledged, state, error));
        if (firstOnly && bad.length > 0) return { states, sampled, moments, damaged, conflicts, known, bad };
      }
    }
  }
  return { states, sampled, moments, damaged, conflicts, known, bad };
}

function explain(
  event: DiskEvent | undefined,
  acknowledged: boolean,
  { entries }: { readonly entries: readonly { readonly path: string; readonly content: Buffer }[] },
  error: unknown,
): string {
  const when = event === undefined ? "before it begins" : `after: ${describeEvent(event)}`;
  const names = entries.map(({ path, content }) => `${path} (${content.length})`).join(", ");
  return `the power goes ${when}${acknowledged ? ", acknowledged" : ""}\nleft: ${names}\n${describe(error)}`;
}
