import { memoryStore } from "@flockwork/core";
import { expect, it } from "vitest";
import { openTimeTracking } from "../../src/index.ts";

it("what takes an invoice back has a number of its own, whatever others are called", async () => {
  const time = openTimeTracking(memoryStore(), { timeZone: "UTC" });
  await time.billing.setRate({ perHour: { minorUnits: 6_000, currency: "EUR" } });
  const day = { startedAt: "2026-01-01T09:00:00Z", endedAt: "2026-01-01T10:00:00Z" };
  await time.add({ taskId: "1", actorId: "ada", ...day });
  await time.billing.invoice({ id: "A-void" });
  await time.billing.voidInvoice("A-void");
  await time.billing.invoice({ id: "A" });
  expect(await time.billing.voidInvoice("A")).toMatchObject({ id: "A-void-2", voids: "A" });
  const { invoices } = await time.billing.ledger();
  expect(new Set(invoices.map(({ id }) => id)).size).toBe(invoices.length);
  expect(await time.billing.verify()).toEqual({ ok: true, findings: [] });
});
