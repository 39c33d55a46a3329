/** What spoils a row of starts and stops, whatever its figures are. */
import { join } from "node:path";
import { openTimeTracking } from "@flockwork/time-tracking";
import { countLines } from "../../measure/count-lines.ts";
import { lossOf } from "../../measure/failures.ts";

/** What a worker tells of its operations. */
export interface Answer {
  readonly latenciesMs: readonly number[];
  /** Processor time of each. */
  readonly cpuMs: readonly number[];
  /** Of what it started, and stopped, in turn. */
  readonly ids: readonly string[];
}

/** Whatever was counted twice, or acknowledged and is not there. */
export async function faultsOf(directory: string, told: readonly Answer[]): Promise<readonly string[]> {
  const time = openTimeTracking(directory, { timeZone: "UTC" });
  const { findings } = await time.billing.verify();
  const running = (await time.status()).running.map(({ id }) => id);
  const known = new Set([...(await time.entries()).map(({ id }) => id), ...running]);
  const stops = told.flatMap(({ ids }) => ids.filter((_, at) => at % 2 === 1));
  const lost = stops.filter((id) => !known.has(id)).length;
  return [...(findings.length > 0 ? [`${findings.length} double bookings`] : []), ...lossOf(lost, "entries")];
}

/** Each start and each stop is a line of the history. */
export function historyFaults(directory: string, told: readonly Answer[]): readonly string[] {
  const lines = countLines(join(directory, ".flowforge/billing/time-history.jsonl"));
  const operations = told.reduce((sum, { latenciesMs }) => sum + latenciesMs.length, 0);
  return lossOf(operations - lines, "operations of the history");
}
