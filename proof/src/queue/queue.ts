/** The queue under kills: a storm of them, and random histories that are checked as a whole. */
import type { PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { isWanted } from "../harness/wanted.ts";
import { randomHistories } from "./histories.ts";
import { queueStorm } from "./storm.ts";

/** How much of each: in the long form, in the short one, and in the tests. */
export const queueSizes = {
  long: { storm: { jobs: 10_000, workers: 8, killEveryMs: 50, mostKills: Infinity }, histories: 1_000 },
  short: { storm: { jobs: 400, workers: 3, killEveryMs: 50, mostKills: 15 }, histories: 3 },
  test: { storm: { jobs: 100, workers: 2, killEveryMs: 20, mostKills: 2 }, histories: 1 },
} as const;

export async function queue(context: PartContext): Promise<void> {
  const { storm, histories } = queueSizes[context.long ? "long" : "short"];
  if (isWanted("storm")) await withTemporaryDirectory((directory) => queueStorm(context, directory, storm));
  if (isWanted("histories")) await randomHistories(context, histories);
}
