import { fileStore, type Clock } from "@flockwork/core";
import {
  openSessions,
  openTimeTracking,
  type SessionManager,
  type TimeTracking,
} from "../../../../packages/time-tracking/src/index.ts";
import type { DomainOperation } from "./domain-operation.ts";

export const startedAt = Date.parse("2026-01-05T08:00:00Z");
export const hourMs = 3_600_000;

/** An hour passes from round to round, and no time within one. */
function clockOf(round: number): Clock {
  const ms = round * hourMs;
  return { now: () => startedAt + ms, monotonic: () => ms };
}

export type Mode = "document" | "journal";
export type Work = (time: TimeTracking, round: number, sessions: SessionManager) => unknown;

async function withTime(directory: string, mode: Mode, round: number, work: Work): Promise<void> {
  const store = fileStore(directory);
  let ids = 0;
  const newId = (): string => `id${round}x${(ids += 1)}`;
  const time = openTimeTracking(store, { timeZone: "UTC", mode, clock: clockOf(round), newId });
  try {
    await work(time, round, openSessions(time));
  } finally {
    await store.close();
  }
}

/** Ada's timer runs, bob's is paused, and there is an entry of each, with what it costs. */
export async function usual(time: TimeTracking): Promise<void> {
  await time.billing.setRate({ perHour: { minorUnits: 10_000, currency: "EUR" } });
  for (const actorId of ["ada", "bob"]) {
    const [from, to] = [startedAt - 5 * hourMs, startedAt - 4 * hourMs];
    await time.add({ taskId: "1", actorId, startedAt: from, endedAt: to });
    await time.start({ taskId: "2", actorId, startedAt: startedAt - hourMs });
  }
  await time.pause({ actorId: "bob" });
}

export function operation(
  name: string,
  work: Work,
  { mode = "document", prepare = usual, follow }: Options = {},
): DomainOperation {
  return {
    name: `time: ${name}${mode === "journal" ? " in a journal" : ""}`,
    prepare: (directory) => withTime(directory, mode, 0, prepare),
    run: (directory, round) => withTime(directory, mode, round, work),
    ...(follow && { follow: (directory: string) => withTime(directory, mode, 2, follow) }),
  };
}

export interface Options {
  readonly mode?: Mode;
  /** What somebody else does next, where the same call would find less to do, or a process that is gone by then. */
  readonly follow?: Work;
  readonly prepare?: (time: TimeTracking, round: number, sessions: SessionManager) => Promise<unknown>;
}

/** The entry of ada that is there. */
export const entryOf = async (time: TimeTracking): Promise<string> =>
  (await time.entries({ actorId: "ada" }))[0]?.id ?? "none";
