import { identifyProcess, type Clock, instantOf } from "@flockwork/core";
import type { Decisions } from "./decision.ts";

/** Writes down, once, who claims: what its monotonic clock counts from, and how to prove its death. */
export function join(decisions: Decisions, holder: string, clock: Clock): void {
  if (decisions.state.holders.has(holder)) return;
  decisions.addEvent({
    type: "joined",
    at: decisions.time.at,
    by: holder,
    process: identifyProcess(),
    clock: instantOf(clock).monotonic?.clock ?? "",
  });
}
