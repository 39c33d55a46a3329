/** The one place that knows where the sources of time are. */
export {
  openTimeTracking,
  toCsv,
  type TimeEntry,
  type TimeTracking,
  type VariantName,
} from "../../../packages/time-tracking/src/index.ts";
