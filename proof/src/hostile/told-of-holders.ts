/** What is written and told of whoever holds something: which locks, and what else. */
import { join } from "node:path";
import type { LayoutName } from "../harness/core.ts";

export const layouts: readonly LayoutName[] = ["sidecar", "gastown", "flowforge", "beads", "todo2", "jit"];

/** What holders leave beside locks and leases, as `secret-holder.ts` calls it. */
export const otherTraces: readonly string[] = [
  "agents and leaders",
  "identities of agents and daemons",
  "sessions and timers",
  "heartbeats and claims of jit",
  "claims of tasks",
  "claims of issues",
  "jobs and their events",
  "metrics and their attributes",
];

/** The file that a lock of a layout guards. */
export function fileOf(directory: string, layout: LayoutName): string {
  return join(directory, layout === "beads" ? "issues.jsonl" : "data");
}
