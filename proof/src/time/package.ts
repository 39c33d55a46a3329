/** The one place that knows where the sources of time are. */
export {
  openSessions,
  openTimeTracking,
  toCsv,
  type SessionManager,
  type TimeEntry,
  type TimeTracking,
  type VariantName,
} from "../../../packages/time-tracking/src/index.ts";
