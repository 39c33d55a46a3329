/** Timers between processes that race and die, in every file that time is kept in. */
import type { Part, PartContext } from "../harness/part.ts";
import { racingTimers, type RaceSize } from "./racing-timers.ts";
import { kinds } from "./stores.ts";

export const timeSizes: Readonly<Record<"test" | "short" | "long", RaceSize>> = {
  test: { racers: 4, calls: 6, kills: 2, rounds: 1 },
  short: { racers: 8, calls: 25, kills: 4, rounds: 1 },
  long: { racers: 16, calls: 125, kills: 8, rounds: 2 },
};

export const time: Part = (context) => runTime(context, context.long ? timeSizes.long : timeSizes.short);

export async function runTime(context: PartContext, size: RaceSize): Promise<void> {
  for (const kind of kinds) await racingTimers(context, kind, size);
}
