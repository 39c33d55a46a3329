import { flowforgeLegacyAdapter, migrate } from "../../../../packages/time-tracking/src/index.ts";
import type { DomainOperation } from "./domain-operation.ts";
import { gone, sessionOperations } from "./sessions.ts";
import { entryOf, hourMs, operation, startedAt, usual, type Options } from "./time-operation.ts";

const journal = { mode: "journal" } as const;
const ada = { actorId: "ada" } as const;

/** One in which what was worked is billed. */
const billed: Options = {
  prepare: async (time) => {
    await usual(time);
    await time.billing.invoice({ id: "inv0" });
  },
};

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
  operation("recover", (time) => time.recover(), {
    follow: (time) => time.stop(ada),
    prepare: async (time) => {
      await usual(time);
      await time.start({ taskId: "3", actorId: "gil", process: gone });
    },
  }),
  operation("billing.setRate", (time, round) =>
    time.billing.setRate({ perHour: { minorUnits: round * 100, currency: "EUR" }, ...ada }),
  ),
  operation("billing.setBudget", (time, round) =>
    time.billing.setBudget({ id: "b", limitMs: round * hourMs }),
  ),
  operation("billing.invoice", (time, round) => time.billing.invoice({ id: `inv${round}` })),
  operation("billing.alerts", (time) => time.billing.alerts(), {
    prepare: async (time) => {
      await usual(time);
      await time.billing.setBudget({ id: "b", limitMs: hourMs });
    },
  }),
  operation("billing.voidInvoice", (time) => time.billing.voidInvoice("inv0"), billed),
  operation(
    "billing.adjust",
    async (time) => time.billing.adjust(await entryOf(time), { deltaMs: -60_000, reason: "too long" }),
    billed,
  ),
  operation("billing.seal", (time) => time.billing.seal({ through: "2026-01-04" })),
  ...sessionOperations,
  {
    ...operation("migrateAllSessions to another variant", () => undefined),
    run: (directory) =>
      flowforgeLegacyAdapter(directory, { to: "seconds", timeZone: "UTC" }).migrateAllSessions(),
    inSteps: true, // as below
  },
  {
    ...operation("migrate to a journal", () => undefined),
    run: (directory) => migrate(directory, { to: "journal", timeZone: "UTC" }),
    inSteps: true, // the copy of the file stays where nothing can be removed either
  },
];
