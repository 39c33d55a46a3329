/** The queue under kills: a storm of them, and random histories that are checked as a whole. */
import type { PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { randomHistories } from "./histories.ts";
import { queueStorm } from "./storm.ts";

export async function queue(context: PartContext): Promise<void> {
  const size = context.long
    ? { jobs: 10_000, workers: 8, killEveryMs: 50, mostKills: Infinity }
    : { jobs: 400, workers: 3, killEveryMs: 50, mostKills: 15 };
  await withTemporaryDirectory((directory) => queueStorm(context, directory, size));
  await randomHistories(context, context.long ? 1_000 : 3);
}
