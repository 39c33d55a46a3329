export type {
  ActiveSession,
  ActiveSessionsFile,
  HoursTask,
  HoursVariant,
  MinutesVariant,
  SecondsVariant,
  TimeTrackingFile,
} from "./file-variants.ts";
export type { Money, Rounding, RunningTimer, TimeEntry, TimerStatus } from "./time-entry.ts";
