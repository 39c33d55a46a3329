import {
  flowforgeProvider,
  invoiceHtml,
  migrate,
  openSessions,
  openTimeTracking,
  timelineSvg,
  timelineText,
  toCsv,
  toICalendar,
  toJson,
} from "../../../../packages/time-tracking/src/index.ts";
import { type Kind, kinds, openTime } from "../../time/stores.ts";
import type { Call, Target } from "../target.ts";

const target = (kind: Kind): Target => ({
  name: `time ${kind}`,
  prepare: async (directory) => {
    const time = openTime(kind, directory);
    const sessions = openSessions(time);
    await time.add({
      taskId: "1",
      actorId: "ada",
      startedAt: "2026-03-02T09:00:00Z",
      endedAt: "2026-03-02T10:40:00Z",
      clientId: "acme",
    });
    await time.billing.setRate({ perHour: { minorUnits: 9_500, currency: "EUR" } });
    await time.billing.seal({ through: "2026-03-31" });
    await time.billing
      .setBudget({
        id: "b",
        clientId: "acme",
        amount: { minorUnits: 5_000, currency: "EUR" },
        from: "2026-03-01",
        through: "2026-12-31",
        alertAt: [50],
      } as never)
      .catch(() => undefined);
    await time.add({
      taskId: "1",
      actorId: "ada",
      startedAt: "2026-04-02T09:00:00Z",
      endedAt: "2026-04-02T10:00:00Z",
      clientId: "acme",
    });
    await time.billing
      .invoice({ clientId: "acme", from: "2026-04-01", through: "2026-04-30" })
      .catch(() => undefined);
    const [sealed] = await time.entries();
    await time.billing
      .adjust(sealed?.id ?? "none", { workedMs: 60_000, reason: "too long" } as never)
      .catch(() => undefined);
    await time.start({ taskId: "2", actorId: "bob" });
    await time.pause({ actorId: "bob", reason: "Lunch" });
    await sessions.open({ taskId: "3", developerId: "cy", branch: "main" });
    await time.heartbeat({ actorId: "cy" });
  },
  mutates: /\.jsonl?$/,
  calls: (directory): Call[] => {
    const time = openTime(kind, directory);
    const sessions = openSessions(time);
    const day = { from: "2026-03-01", through: "2026-03-31" };
    return [
      ["status", () => time.status()],
      ["entries", () => time.entries()],
      ["report", () => time.report({ by: ["week", "actor"], weights: { supervised: 250 } })],
      [
        "exports",
        async () => {
          const entries = await time.entries();
          return [
            toCsv(entries),
            toJson(entries),
            toICalendar(entries),
            timelineText(entries),
            timelineSvg(entries),
          ];
        },
      ],
      ["sessions", () => sessions.list()],
      ["provider", () => flowforgeProvider(time).getBillingData("ada", { timezone: "UTC" })],
      ["verify", () => time.billing.verify()],
      ["budgets", () => time.billing.budgets()],
      ["alerts", () => time.billing.alerts()],
      ["invoices", async () => (await time.billing.invoices()).map((invoice) => invoiceHtml(invoice))],
      ["report by day", () => time.report({ by: ["day"] })],
      ["heartbeats", () => time.heartbeats()],
      [
        "take over",
        async () =>
          sessions.takeOver((await sessions.list())[0]?.sessionId ?? "none", { force: true } as never),
      ],
      ["attach", async () => sessions.attachTask((await sessions.list())[0]?.sessionId ?? "none", "7")],
      ["pause of cy", () => time.pause({ actorId: "cy" })],
      ["resume of cy", () => time.resume({ actorId: "cy" })],
      [
        "end of a session",
        async () => flowforgeProvider(time).endSession((await sessions.list())[0]?.sessionId ?? "none"),
      ],
      ["start", () => time.start({ taskId: "9", actorId: "di" })],
      ["heartbeat", () => time.heartbeat({ actorId: "di" })],
      ["switch", () => time.switch({ taskId: "8", actorId: "di" })],
      ["stop", () => time.stop({ actorId: "di" })],
      ["resume", () => time.resume({ actorId: "bob" })],
      ["undo", () => time.undo({ actorId: "di" })],
      ["undo of anybody's", () => time.undo()],
      ["recover", () => time.recover()],
      ["sweep", () => sessions.sweep()],
      ["invoice", () => time.billing.invoice({ clientId: "acme", ...day })],
      [
        "migrate, dry",
        () => migrate(directory, { to: kind === "journal" ? "hours" : "journal", dryRun: true }),
      ],
      ["open again", () => openTimeTracking(directory).entries()],
    ];
  },
});

/** What time tracking reads: FlowForge's five variants, the journal, sessions and the ledger. */
export const timeTargets: readonly Target[] = kinds.map(target);
