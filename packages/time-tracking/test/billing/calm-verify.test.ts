/** `verify()` reads the time and the ledger one after the other: a commit in between must not look like an edit. */
import { memoryStore } from "@flockwork/core";
import { expect, it } from "vitest";
import { openTimeTracking } from "../../src/index.ts";

it("a bill that is made or taken back while it looks is no finding, wherever in its reading it falls", async () => {
  const time = openTimeTracking(memoryStore(), { timeZone: "UTC" });
  await time.billing.setRate({ perHour: { minorUnits: 6_000, currency: "EUR" } });
  const day = { startedAt: "2026-01-01T09:00:00Z", endedAt: "2026-01-01T10:00:00Z" };
  await time.add({ taskId: "1", actorId: "ada", ...day });
  const bill = async (): Promise<void> => {
    const [standing] = await time.billing.invoices();
    await (standing === undefined ? time.billing.invoice() : time.billing.voidInvoice(standing.id));
  };
  for (let turns = 0; turns < 90; turns += 5)
    for (const [first, second] of [
      [bill, () => time.billing.verify()],
      [() => time.billing.verify(), bill],
    ] as const) {
      const one = first();
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      const [told, other] = await Promise.all([one, second()]);
      expect({ turns, ...(told ?? other) }).toEqual({ turns, ok: true, findings: [] });
    }
});
