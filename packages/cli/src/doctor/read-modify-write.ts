/** Writes of what was read before. */
import type { Effect } from "./effects.ts";
import { findingAt, lineOf, type Finding } from "./finding.ts";
import type { Pair } from "./pairs.ts";
import { calleeName } from "./tree.ts";

export function lostUpdates(pairs: readonly Pair[]): Finding[] {
  // A call that stages, renames and falls back writes more than once.
  return [...new Map(pairs.map((pair) => [pair.write.call, findingOf(pair)])).values()];
}

function findingOf({ frame, write, read }: Pair): Finding {
  const where = (effect: Effect): string =>
    effect.call === effect.site.call ? "" : `, by ${calleeName(effect.call) ?? "a call"}`;
  const message = `${write.shown} is written here${where(write)} and read on line ${lineOf(read.call)}${where(read)}, with no lock around both`;
  const advice = `updateJson(${write.shown}, (data) => { … }) from @flockwork/core, or withWriteLock(${write.shown}, …) around both`;
  return findingAt(frame.module.source, "read-modify-write", write.call, message, advice);
}
