/** What concurrent clients of each store saw, some of them killed and some paused on the way, through the checkers. */
import type { PartContext } from "../harness/part.ts";
import { examineHistories } from "./examine.ts";
import { subjects } from "./subjects.ts";

const sizes = {
  short: { memoryStore: 20, fileStore: 20 },
  long: { memoryStore: 2_000, fileStore: 2_000 },
} as const;

/** With what begins and ends each, some two to three hundred operations. */
const ofEach = { clients: 7, operations: 35, kills: 1, pauses: 2 } as const;

export async function histories(context: PartContext): Promise<void> {
  const counts = sizes[context.long ? "long" : "short"];
  for (const subject of subjects) {
    const histories = counts[subject.name as keyof typeof counts];
    await examineHistories(context, subject, { ...ofEach, histories });
  }
}
