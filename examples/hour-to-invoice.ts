// Track hours and invoice them: three agents track ten hours each, then all of them bill the client. Each hour is billed once.
//   ./dev node --conditions=@flockwork/source examples/hour-to-invoice.ts [--race]
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BillingError, formatAmount, openTimeTracking, type TimeTracking } from "@flockwork/time-tracking";
import { original } from "./hour-to-invoice.original.ts";
import { sideBySide } from "./side-by-side/side-by-side.ts";

const hoursEach = 10;

await sideBySide({
  file: import.meta.filename,
  original,
  async flockwork(directory, { id, tell }) {
    const time = timeIn(directory);
    await time.billing.setRate({ perHour: { minorUnits: 9_500, currency: "EUR" } });
    for (let hour = 0; hour < hoursEach; hour += 1) {
      const [startedAt, endedAt] = [hour, hour + 1].map(
        (at) => `2026-03-02T${String(at).padStart(2, "0")}:00:00Z`,
      );
      if (startedAt === undefined || endedAt === undefined) throw new Error("unreachable");
      // By hand, so that an example takes no hour. By the clock: time.start({ taskId, actorId }), and time.stop({ actorId }).
      await time.add({ taskId: "142", actorId: `agent-${id}`, clientId: "acme", startedAt, endedAt });
      tell("hour");
    }
    try {
      await time.billing.invoice({
        clientId: "acme",
        from: "2026-03-01",
        through: "2026-03-31",
        by: "actor",
      });
    } catch (error) {
      if (!(error instanceof BillingError)) throw error; // another agent has billed all there is
    }
  },
  async faults(directory, told) {
    const billed = existsSync(join(directory, "time.json"))
      ? hoursOfScript(directory)
      : await hoursOfInvoices(timeIn(directory));
    const apart = Math.abs(told.length - billed);
    return Array.from({ length: apart }, () => `${told.length} hours were worked, ${billed} are billed`);
  },
});

function timeIn(directory: string): TimeTracking {
  return openTimeTracking(directory, { timeZone: "UTC" });
}

async function hoursOfInvoices(time: TimeTracking): Promise<number> {
  const invoices = await time.billing.invoices();
  for (const { id, total } of invoices) console.log(`           invoice ${id}: ${formatAmount(total)} EUR`);
  return invoices.reduce((sum, { total }) => sum + total.minorUnits, 0) / 9_500;
}

function hoursOfScript(directory: string): number {
  const { invoices } = JSON.parse(readFileSync(join(directory, "time.json"), "utf8")) as {
    invoices: number[];
  };
  return invoices.reduce((sum, hours) => sum + hours, 0);
}
