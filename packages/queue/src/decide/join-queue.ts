import { instantOf, type Clock } from "@flockwork/core";
import type { Decisions } from "./decision.ts";
import { isOwnProcess, ownProcess } from "./own-process.ts";
import { expireClaimsOfDead } from "./sweep.ts";

/**
 * Writes down who claims: what its monotonic clock counts from, and how to prove its death. Once for each process: a program
 * that was started again under the name it had before is another one, and what the one before held is not its.
 */
export function join(decisions: Decisions, holder: string, clock: Clock): void {
  const known = decisions.state.holders.get(holder);
  if (known !== undefined) {
    if (isOwnProcess(known.joined.process)) return;
    expireClaimsOfDead(decisions, known);
  }
  decisions.addEvent({
    type: "joined",
    at: decisions.time.at,
    by: holder,
    process: ownProcess(),
    clock: instantOf(clock).monotonic?.clock ?? "",
  });
}
