import type { Issue } from "./issue.ts";

/** Whether an issue is over: closed, or deleted. */
export function isFinished(issue: Issue): boolean {
  return issue.status === "closed" || issue.status === "tombstone";
}

/** Whether an issue was deleted and only its mark remains. */
export function isTombstone(issue: Issue): boolean {
  return issue.status === "tombstone";
}

/** Whether an issue is passing: never shared through git by bd. */
export function isEphemeral(issue: Issue): boolean {
  return issue.ephemeral === true || issue.wisp === true;
}

/** 0 (critical) to 4; a line without one means 0, and so does one whose priority is no number. Never NaN: it is sorted by. */
export function priorityOf(issue: Issue): number {
  return plainNumber(issue.priority) ?? 0;
}

/** A number as it is; a bigint, as a file's integers past 2^53 are read, as the nearest number. Undefined for anything else. */
export function plainNumber(value: unknown): number | undefined {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" && !Number.isNaN(value) ? value : undefined;
}

/** Words in a close reason that say the work failed: what `conditional-blocks` waits for. bd's list. */
const failureWords = [
  "failed",
  "rejected",
  "wontfix",
  "won't fix",
  "canceled",
  "cancelled",
  "abandoned",
  "blocked",
  "error",
  "timeout",
  "aborted",
];

/** Whether an issue was closed because it failed. */
export function isFailed(issue: Issue): boolean {
  if (issue.status !== "closed") return false;
  const reason = (issue.close_reason ?? "").toLowerCase();
  return failureWords.some((word) => reason.includes(word));
}
