// Timers and entries
export { openTimeTracking } from "./open-time-tracking.ts";
export type { TimeTracking } from "./time-tracking.ts";
export type {
  AddOptions,
  OpenTimeTrackingOptions,
  StartOptions,
  TimeReceipt,
  TimerOptions,
  TimeStatus,
  WorkOptions,
} from "./time-options.ts";
export type { EditOptions } from "./timers/read-options.ts";
export type { IdleAction } from "./timers/stop-timer.ts";
export type { Recovered } from "./timers/recover.ts";
export type { Supervision, TimeEntry, Timer, Work } from "./time/entry.ts";
export type { InstantLike } from "./arguments.ts";
export type { VariantName } from "./variants/shape.ts";
export type { TimeProblem } from "./book/time-view.ts";
export { developerId, instanceId, sanitizeDeveloperId } from "./identity.ts";
export * from "./errors.ts";

// Sessions
export { openSessions, type SessionManager } from "./sessions/session-manager.ts";
export { timerDeathEffect, type AgentEnd, type TimerDeathEffect } from "./sessions/death-effect.ts";
export type { ActiveSession, ActiveSessionsFile, SessionStatus } from "./sessions/session.ts";
export type {
  OpenSessionOptions,
  SessionCallOptions,
  SessionEffect,
  SessionEnd,
  SessionManagerOptions,
} from "./sessions/session-options.ts";

// Beside FlowForge
export { flowforgeProvider, type FlowForgeProvider } from "./provider.ts";
export type { ProviderBilling, ProviderSession, ProviderStats } from "./provider-data.ts";
export { migrate, type MigrateOptions, type Migration } from "./migrate/migrate.ts";
export {
  flowforgeLegacyAdapter,
  type FlowForgeLegacyAdapter,
  type LegacyAdapterOptions,
  type MigrationStats,
} from "./migrate/legacy-adapter.ts";
export type { EntryProof, Proven } from "./migrate/proof.ts";

// What time comes to
export { reportOf } from "./out/report.ts";
export type { Report, ReportKey, ReportOptions, ReportRow, TimeTotals, Weights } from "./out/report.ts";
export type { TimeFilter } from "./out/time-filter.ts";
export { localDayOf, splitByLocalDay, type DayPart } from "./time/local-day.ts";
export { mostAtOnce, overlaps, unionMs, type Interval } from "./time/interval.ts";

// For other programs, and for people
export { toCsv, toICalendar, toJson } from "./out/exports.ts";
export { invoiceHtml, type InvoicePage } from "./out/invoice-html.ts";
export type { TimelineOptions } from "./out/lanes.ts";
export { timelineSvg } from "./out/timeline-svg.ts";
export { timelineText, type TerminalTimelineOptions } from "./out/timeline-text.ts";

// Money
export { formatAmount, type Money } from "./money/money.ts";
export type { Rate } from "./money/rates.ts";
export type { Rounding } from "./money/rounding.ts";
export type { Billing } from "./billing/billing.ts";
export type { SealOptions } from "./billing/close-period.ts";
export type { Correction } from "./billing/correct-entry.ts";
export type { InvoiceOptions } from "./billing/issue-invoice.ts";
export { makeLines } from "./billing/invoice.ts";
export type {
  Billable,
  BillingBasis,
  Invoice,
  InvoiceLine,
  LineKey,
  LineOptions,
} from "./billing/invoice.ts";
export type { Adjustment } from "./billing/adjustment.ts";
export type { Budget, BudgetStatus } from "./billing/budget.ts";
export type { Ledger } from "./billing/ledger.ts";
export type { Seal } from "./billing/seal.ts";
export type { Finding, Verification } from "./billing/verify.ts";
