/** What concurrent clients of each store saw, some of them killed and some paused on the way, through the checkers. */
import type { PartContext } from "../harness/part.ts";
import { examineHistories } from "./examine.ts";
import { subjects } from "./subjects.ts";

const sizes = {
  short: { memoryStore: 100, fileStore: 6, clients: 6 },
  long: { memoryStore: 2_000, fileStore: 2_000, clients: 7 },
} as const;

export async function histories(context: PartContext): Promise<void> {
  const { clients, ...counts } = sizes[context.long ? "long" : "short"];
  for (const subject of subjects) {
    const size = { clients, operations: 50, kills: 2, pauses: 2 };
    await examineHistories(context, subject, {
      ...size,
      histories: counts[subject.name as keyof typeof counts],
    });
  }
}
