/** Timers between processes that race and die, in every file that time is kept in, and cut short at every call. */
import type { Part, PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { killedAtEveryCall } from "./killed-at-every-call.ts";
import { acts } from "./project.ts";
import { racingTimers, type RaceSize } from "./racing-timers.ts";
import { kinds } from "./stores.ts";

export const timeSizes: Readonly<Record<"test" | "short" | "whole" | "long", RaceSize>> = {
  test: { racers: 4, calls: 6, kills: 2, rounds: 1 },
  short: { racers: 8, calls: 25, kills: 4, rounds: 1 },
  /** 2,000 attempts, and nobody dies. */
  whole: { racers: 16, calls: 125, kills: 0, rounds: 1 },
  long: { racers: 16, calls: 125, kills: 8, rounds: 2 },
};

/** Kills of each act in the short form. */
const fewKills = 2;

export const time: Part = async (context) => {
  const { long, tally } = context;
  if (long) await runTime(context, timeSizes.whole);
  for (const name of ["calls", "kills", "missed"]) tally.count(name, 0);
  for (const what of Object.keys(acts))
    await withTemporaryDirectory((root) =>
      killedAtEveryCall(context, root, what, long ? Infinity : fewKills),
    );
  await runTime(context, long ? timeSizes.long : timeSizes.short);
};

export async function runTime(context: PartContext, size: RaceSize): Promise<void> {
  for (const kind of kinds) await racingTimers(context, kind, size);
}
