import { fileStore, identifyProcess, type Clock } from "@flockwork/core";
import {
  migrate,
  openSessions,
  openTimeTracking,
  type SessionManager,
  type TimeTracking,
} from "../../../../packages/time-tracking/src/index.ts";
import type { DomainOperation } from "./domain-operation.ts";

const gone = { ...identifyProcess(), startTicks: "1" };
const startedAt = Date.parse("2026-01-05T08:00:00Z");
const hourMs = 3_600_000;

/** An hour passes from round to round, and no time within one. */
function clockOf(round: number): Clock {
  const ms = round * hourMs;
  return { now: () => startedAt + ms, monotonic: () => ms };
}

type Mode = "document" | "journal";
type Work = (time: TimeTracking, round: number, sessions: SessionManager) => unknown;

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
async function usual(time: TimeTracking): Promise<void> {
  await time.billing.setRate({ perHour: { minorUnits: 10_000, currency: "EUR" } });
  for (const actorId of ["ada", "bob"]) {
    const [from, to] = [startedAt - 5 * hourMs, startedAt - 4 * hourMs];
    await time.add({ taskId: "1", actorId, startedAt: from, endedAt: to });
    await time.start({ taskId: "2", actorId, startedAt: startedAt - hourMs });
  }
  await time.pause({ actorId: "bob" });
}

function operation(
  name: string,
  work: Work,
  { mode = "document", prepare = usual }: Options = {},
): DomainOperation {
  return {
    name: `time: ${name}${mode === "journal" ? " in a journal" : ""}`,
    prepare: (directory) => withTime(directory, mode, 0, prepare),
    run: (directory, round) => withTime(directory, mode, round, work),
  };
}

interface Options {
  readonly mode?: Mode;
  readonly prepare?: (time: TimeTracking, round: number, sessions: SessionManager) => Promise<unknown>;
}

const entryOf = async (time: TimeTracking): Promise<string> =>
  (await time.entries({ actorId: "ada" }))[0]?.id ?? "none";

const journal = { mode: "journal" } as const;
const ada = { actorId: "ada" } as const;

/** One in which ada has a session with a timer, and is gone. */
const atWork: Options = {
  prepare: async (time, _, sessions) => {
    await time.start({ taskId: "1", actorId: "bob" });
    await sessions.open({ taskId: "142", developerId: "ada", instanceId: "i1", process: gone });
  },
};

const sessionOf = async (sessions: SessionManager): Promise<string> =>
  (await sessions.list())[0]?.sessionId ?? "";

/** Every call that changes time, money or sessions. */
export const timeOperations: readonly DomainOperation[] = [
  operation("start", (time, round) => time.start({ taskId: "142", actorId: `cy${round}` })),
  operation("start", (time, round) => time.start({ taskId: "142", actorId: `cy${round}` }), journal),
  operation("stop", (time) => time.stop(ada)),
  operation("stop", (time) => time.stop(ada), journal),
  operation("switch", (time, round) => time.switch({ taskId: `${round}0`, ...ada })),
  operation("pause", (time) => time.pause(ada)),
  operation("resume", (time) => time.resume({ actorId: "bob" })),
  operation("idle", (time) => time.idle({ ...ada, since: startedAt, action: "discard" })),
  operation("add", (time, round) =>
    time.add({
      taskId: "1",
      actorId: `cy${round}`,
      startedAt: startedAt - 3 * hourMs,
      endedAt: startedAt - 2 * hourMs,
    }),
  ),
  operation("edit", async (time, round) => time.edit(await entryOf(time), { note: `round ${round}` })),
  operation("remove", async (time) => time.remove(await entryOf(time))),
  operation("undo", (time) => time.undo()),
  { ...operation("heartbeat", (time) => time.heartbeat(ada)), durability: "os" },
  operation("recover", (time) => time.recover()),
  operation("billing.setRate", (time, round) =>
    time.billing.setRate({ perHour: { minorUnits: round * 100, currency: "EUR" }, ...ada }),
  ),
  operation("billing.setBudget", (time, round) =>
    time.billing.setBudget({ id: "b", limitMs: round * hourMs }),
  ),
  operation("billing.invoice", (time, round) => time.billing.invoice({ id: `inv${round}` })),
  operation("billing.seal", (time) => time.billing.seal({ through: "2026-01-04" })),
  operation("sessions.open", (_, round, sessions) =>
    sessions.open({ taskId: "7", developerId: `dev${round}`, instanceId: `i${round}` }),
  ),
  operation(
    "sessions.heartbeat",
    async (_, __, sessions) => sessions.heartbeat(await sessionOf(sessions)),
    atWork,
  ),
  operation(
    "sessions.attachTask",
    async (_, round, sessions) => sessions.attachTask(await sessionOf(sessions), `${round}7`),
    atWork,
  ),
  operation("sessions.pause", async (_, __, sessions) => sessions.pause(await sessionOf(sessions)), atWork),
  operation("sessions.close", async (_, __, sessions) => sessions.close(await sessionOf(sessions)), atWork),
  operation("sessions.sweep", (_, __, sessions) => sessions.sweep(), atWork),
  {
    ...operation("migrate to a journal", () => undefined),
    run: (directory) => migrate(directory, { to: "journal", timeZone: "UTC" }),
  },
];
