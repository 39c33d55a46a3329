/** What must hold of a file of time after a race. Worked out here from entries alone, not by what is judged. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { toCsv, type TimeEntry, type TimeTracking } from "./package.ts";
import { actors } from "./stores.ts";
import type { Acknowledged } from "./told.ts";

/** @throws {Error} time is counted twice, something acknowledged is gone, or totals differ. */
export async function judgeRace(time: TimeTracking, acknowledged: Acknowledged): Promise<void> {
  const entries = await time.entries();
  const { running } = await time.status();
  deepEqual(await time.problems(), []);
  deepEqual((await time.billing.verify()).findings, []);
  noneTwice(entries);
  for (const { actorId, startedAtMs } of running) {
    equal(running.filter((timer) => timer.actorId === actorId).length, 1, `two timers of ${actorId} run`);
    const later = entries.filter((entry) => entry.actorId === actorId && entry.endedAtMs > startedAtMs);
    deepEqual(later, [], `${actorId} has time beside a timer that runs`);
  }
  noneLost(entries, acknowledged);
  for (const actorId of actors) {
    const of = ({ actorId: whose }: { readonly actorId: string }): boolean => whose === actorId;
    const stretches = entries.filter(of).length + running.filter(of).length;
    const least = acknowledged.begun.get(actorId) ?? 0;
    const most = least + (acknowledged.perhaps.get(actorId) ?? 0);
    ok(
      stretches >= least && stretches <= most,
      `${actorId} began ${least} to ${most} stretches, and has ${stretches}`,
    );
  }
  await totalsAgree(time, entries);
}

/** Half-open intervals of one actor, in order: none begins before the one before it ended. Ids are unique. */
function noneTwice(entries: readonly TimeEntry[]): void {
  equal(new Set(entries.map(({ id }) => id)).size, entries.length, "an id stands twice");
  for (const actorId of actors) {
    let before: TimeEntry | undefined;
    for (const entry of entries.filter((each) => each.actorId === actorId).toSorted(inTime)) {
      ok(entry.startedAtMs >= (before?.endedAtMs ?? 0), `${before?.id} and ${entry.id} overlap`);
      equal(entry.workedMs, entry.endedAtMs - entry.startedAtMs, `${entry.id} is not as long as it says`);
      before = entry;
    }
  }
}

function inTime(one: TimeEntry, other: TimeEntry): number {
  return one.startedAtMs - other.startedAtMs || one.endedAtMs - other.endedAtMs;
}

/** Each entry that was acknowledged is there, to the field. */
function noneLost(entries: readonly TimeEntry[], acknowledged: Acknowledged): void {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  for (const entry of acknowledged.entries)
    deepEqual(byId.get(entry.id), entry, `${entry.id} was lost or changed`);
}

/** The report, its rows, the export and the entries come to the same; of one actor, wall and machine time are one. */
async function totalsAgree(time: TimeTracking, entries: readonly TimeEntry[]): Promise<void> {
  const sum = (of: readonly TimeEntry[]): number => of.reduce((ms, { workedMs }) => ms + workedMs, 0);
  const { rows, total } = await time.report({ by: ["actor"] });
  deepEqual([total.sumMs, total.entries], [sum(entries), entries.length]);
  for (const { key, sumMs, unionMs } of rows)
    deepEqual([sumMs, unionMs], Array(2).fill(sum(entries.filter(({ actorId }) => actorId === key.actor))));
  const [head = "", ...lines] = toCsv(entries).trim().split("\r\n");
  const column = head.split(",").indexOf("worked_ms");
  equal(
    lines.reduce((ms, line) => ms + Number(line.split(",")[column]), 0),
    sum(entries),
  );
}
