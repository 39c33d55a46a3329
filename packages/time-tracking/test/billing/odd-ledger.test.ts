/** Ledgers in which somebody wrote what they may hold, and what means nothing. */
import { expect, test } from "vitest";
import { invoiceHtml, openTimeTracking, type TimeTracking } from "../../src/index.ts";
import { contentOf, odd, projectWith, put } from "../support/odd-files.ts";

const name = "billing/ledger.json";
type Fields = Record<string, unknown>;
type Lists = Record<"rates" | "budgets" | "invoices" | "seals" | "adjustments", Fields[]>;

/** A project in which everything a ledger can hold was done once. */
async function billed(): Promise<{ readonly directory: string; readonly time: TimeTracking }> {
  const directory = projectWith({});
  const time = openTimeTracking(directory, { timeZone: "UTC" });
  await time.billing.setRate({ perHour: { minorUnits: 6_000, currency: "EUR" } });
  await time.billing.setBudget({ id: "b", limitMs: 3_600_000 });
  const day = { startedAt: "2026-03-02T09:00:00Z", endedAt: "2026-03-02T10:00:00Z" };
  const { entries } = await time.add({ taskId: "1", actorId: "ada", clientId: "acme", ...day });
  await time.billing.invoice({ clientId: "acme" });
  await time.billing.seal({ through: "2026-03-31" });
  await time.billing.adjust(entries[0]?.id ?? "", { deltaMs: -60_000, reason: "late" });
  return { directory, time };
}

async function refused(change: (lists: Lists) => void): Promise<void> {
  const { directory, time } = await billed();
  const lists = JSON.parse(contentOf(directory, name)) as Lists;
  change(lists);
  const content = JSON.stringify(lists);
  put(directory, name, content);
  const { billing } = time;
  const code = "ERR_DOCUMENT_INVALID";
  for (const call of [
    () => billing.verify(),
    () => billing.seal({ graceDays: 1 }),
    () => billing.budgets(),
    () => billing.alerts(),
    () => billing.invoice(),
    async () => invoiceHtml((await billing.invoices())[0] as never),
  ])
    await expect(call()).rejects.toMatchObject({ code });
  expect(contentOf(directory, name)).toBe(content);
}

const texts: Readonly<Partial<Record<keyof Lists, readonly string[]>>> = {
  budgets: ["id", "from", "through"],
  invoices: [
    "id",
    "voids",
    "clientId",
    "from",
    "through",
    "note",
    "basis",
    "rounding",
    "issuedAtMs",
    "billedMs",
  ],
  adjustments: ["id", "entryId", "taskId", "actorId", "reason", "invoiceId", "localDay"],
};

for (const [list, fields] of Object.entries(texts) as [keyof Lists, readonly string[]][])
  for (const field of fields)
    test(`a ledger whose ${list} hold no ${field} that is one is refused by a typed error`, () =>
      refused((lists) => lists[list].forEach((each) => (each[field] = odd))));

test("an invoice of what is none is refused by a typed error", async () => {
  for (const fields of [
    { basis: "all" },
    { rounding: { direction: odd } },
    { rounding: { direction: "up", incrementMinutes: odd } },
    { rounding: {} },
    { issuedAtMs: 9e15 },
  ])
    await refused(({ invoices }) => Object.assign(invoices[0] ?? {}, fields));
  for (const field of ["key", "description"])
    await refused(({ invoices }) =>
      Object.assign((invoices[0] as { lines: Fields[] }).lines[0] ?? {}, { [field]: odd }),
    );
  await refused(({ invoices }) => {
    const { id, total, lines, entryIds, adjustmentIds } = invoices[0] ?? {};
    invoices[0] = { id, total, lines, entryIds, adjustmentIds };
  });
});

test("a seal that does not count its entries is refused by a typed error", () =>
  refused(({ seals }) => {
    const [day] = Object.values(seals[0]?.["days"] as Record<string, Fields>);
    Object.assign(day ?? {}, { entries: odd, digest: "another" });
  }));

test("a ledger of everything that was done once is sound", async () => {
  const { time } = await billed();
  expect(await time.billing.verify()).toEqual({ ok: true, findings: [] });
  expect(await time.billing.budgets()).toHaveLength(1);
  const [invoice] = await time.billing.invoices();
  expect(invoiceHtml(invoice as never)).toContain("acme");
});
