import { removeIfThere } from "../platform/forgiving.ts";
import { readMark } from "./intent-mark.ts";
import { readIntent, type IntentRecord } from "./intent-record.ts";

/** Removes a record when no file needs it any more. False when it stays. Throws the system's error. */
export function removeFinished(record: IntentRecord, recordPath: string): boolean {
  const isNeeded = record.members.some(({ targetPath }) => readMark(targetPath) === recordPath);
  if (!isNeeded) removeIfThere(recordPath);
  return !isNeeded;
}

/**
 * Removes a record that no file leads to: of a commit that is finished, by somebody who died before the very last step. The
 * links of one that is not finished are there before it is. Never throws; false when it stays.
 */
export function removeUnneeded(recordPath: string): boolean {
  try {
    const record = readIntent(recordPath);
    return typeof record === "object" && removeFinished(record, recordPath);
  } catch {
    return false;
  }
}
