/** The status an agent gives itself, under either of the names that programs use for it. */
import type { AgentEntry, AgentFile } from "./agent-entry.ts";

/** What is written down, and when. Empty where nothing is. */
export function statusOf(entry: Readonly<AgentEntry>): { readonly status: string; readonly at: string } {
  const status = entry.Status ?? entry.status ?? "";
  const at =
    entry.Status === undefined ? (entry.updatedAt ?? entry.UpdatedAt) : (entry.UpdatedAt ?? entry.updatedAt);
  return { status, at: typeof at === "string" ? at : "" };
}

/** Writes a status under the names that the entry has; a new entry takes those of the file. */
export function setStatus(file: Readonly<AgentFile>, entry: AgentEntry, status: string, at: string): void {
  if (entry.Status !== undefined || (entry.status === undefined && usesCapitals(file))) {
    entry.Status = status;
    entry.UpdatedAt = at;
  } else {
    entry.status = status;
    entry.updatedAt = at;
  }
}

function usesCapitals(file: Readonly<AgentFile>): boolean {
  for (const id in file) {
    if (file[id]?.Status !== undefined) return true;
    if (file[id]?.status !== undefined) return false;
  }
  return false;
}
