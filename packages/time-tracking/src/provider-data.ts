/** What FlowForge's provider tells. */
import { roundHalfUp } from "./money/apportion.ts";
import type { Money } from "./money/money.ts";
import { reportOf } from "./out/report.ts";
import type { TimeEntry } from "./time/entry.ts";

/** A session as FlowForge's provider knows it: everything that was worked under one session id. Durations in milliseconds. */
export interface ProviderSession {
  readonly sessionId: string;
  readonly taskId: string;
  readonly user: string;
  readonly startTime: string;
  /** Null while it runs or is paused. */
  readonly endTime: string | null;
  readonly totalDuration: number;
  readonly billableTime: number;
  readonly billable: boolean;
  readonly status: "active" | "paused" | "completed";
}

/** What a user's sessions come to. */
export interface ProviderStats {
  readonly user: string;
  readonly totalSessions: number;
  readonly activeSessions: number;
  readonly totalDuration: number;
  readonly billableTime: number;
  readonly averageDuration: number;
}

/** What is billable of a user in some days. */
export interface ProviderBilling {
  readonly user: string;
  readonly startDate: string | undefined;
  readonly endDate: string | undefined;
  readonly timezone: string;
  readonly totalTime: number;
  readonly billableTime: number;
  /** What the billable time costs, by the rates on it; by currency, since amounts of two cannot be added. */
  readonly amounts: readonly Money[];
  readonly days: readonly {
    readonly date: string;
    readonly totalTime: number;
    readonly billableTime: number;
  }[];
}

/** Money by currency: each rate's time is added up first, and money is rounded once. */
export function amountsOf(
  entries: readonly TimeEntry[],
  days: {
    readonly from: string | undefined;
    readonly through: string | undefined;
    readonly timeZone: string;
  },
): readonly Money[] {
  const exact = new Map<string, bigint>();
  const rates = new Map(
    entries.flatMap(({ rate }) => (rate ? [[`${rate.currency} ${rate.minorUnits}`, rate]] : [])),
  );
  for (const [name, { currency, minorUnits }] of rates) {
    const list = entries.filter(
      ({ rate }) => rate !== undefined && `${rate.currency} ${rate.minorUnits}` === name,
    );
    const { billableMs } = reportOf(list, days).total;
    exact.set(currency, (exact.get(currency) ?? 0n) + BigInt(billableMs) * BigInt(minorUnits));
  }
  return [...exact].map(([currency, sum]) => ({
    minorUnits: Number(roundHalfUp(sum, 3_600_000n)),
    currency,
  }));
}
