/**
 * The behaviour every store must have: examples, sequences against the store in memory, and proof that the suite notices a
 * broken store. Before that, the locks below: one contract over each backend. Histories of concurrent clients are a part of
 * their own.
 */
import type { PartContext } from "../harness/part.ts";
import { backends } from "./backends/backends.ts";
import { backendConformance } from "./backends/backend-conformance.ts";
import { examineMutants, examineSequences, examineStore } from "./examine.ts";
import { matrixOf } from "./matrix.ts";
import type { ConformanceReport } from "./run-conformance.ts";
import { subjects } from "./subjects.ts";

const sizes = {
  short: {
    repeats: 1,
    sequences: 100,
    actions: 50,
  },
  long: {
    repeats: 20,
    sequences: 1_000,
    actions: 100, // 50 on average
  },
} as const;

export async function conformance(context: PartContext): Promise<void> {
  const { tally, say, long, seed } = context;
  const size = long ? sizes.long : sizes.short;
  for (let repeat = 0; repeat < size.repeats; repeat += 1) await backendConformance(context, backends);
  const reports: ConformanceReport[] = [];
  for (const subject of subjects) reports.push(await examineStore(context, subject));
  say(`stores by promises\n${matrixOf(reports)}`);
  for (const subject of subjects) {
    await examineSequences(context, subject, { sequences: size.sequences, actions: size.actions, seed });
  }
  await examineMutants(context);
  tally.count("stores", subjects.length);
}
