import { judgeProcess } from "@flockwork/core";
import type { Entry } from "../state/entry.ts";
import type { Holder } from "../state/queue-state.ts";
import type { Decisions } from "./decision.ts";
import { isOwnProcess } from "./own-process.ts";

/** So many at once: the next decision goes on with the rest. */
const sweptAtOnce = 256;
/** A holder is looked for this often at most. */
const lookEveryMs = 1_000;

/**
 * What is due whoever comes: claims whose lease is over, or whose holder has provably died, end; jobs that depend on one that
 * failed are cancelled. Call it with the state brought up to the present.
 */
export function sweep(decisions: Decisions): void {
  const { state, time } = decisions;
  for (let swept = 0; swept < sweptAtOnce; swept += 1) {
    const entry =
      overdue(state.localLeases.first, time.upMs) ?? overdue(state.foreignLeases.first, time.wallMs);
    if (entry === undefined) break;
    expire(decisions, entry);
  }
  for (const entry of [...state.dependencies.doomed].slice(0, sweptAtOnce)) {
    state.dependencies.doomed.delete(entry);
    if (entry.isLive) cancelDoomed(decisions, entry);
  }
}

/** Ends the claims of holders that have died. */
export function reap(decisions: Decisions): void {
  const { state, time } = decisions;
  for (const holder of state.holders.values()) {
    if (holder.claims.size === 0 || time.upMs - holder.lookedAtMs < lookEveryMs) continue;
    holder.lookedAtMs = time.upMs;
    expireClaimsOfDead(decisions, holder);
  }
}

/** Ends the claims of a holder, if its process has provably ended. */
export function expireClaimsOfDead(decisions: Decisions, { joined, claims }: Holder): void {
  if (claims.size === 0 || isOwnProcess(joined.process)) return;
  const verdict = judgeProcess(joined.process);
  if (verdict === "running" || verdict === "elsewhere") return;
  for (const entry of claims) expire(decisions, entry);
}

function overdue(entry: Entry | undefined, nowMs: number): Entry | undefined {
  return entry !== undefined && entry.leaseEndsMs <= nowMs ? entry : undefined;
}

function expire(decisions: Decisions, entry: Entry): void {
  const { at } = decisions.time;
  const spent = entry.attempts >= entry.maxAttempts;
  decisions.addEvent({
    type: "expired",
    at,
    job: entry.id,
    token: entry.token ?? "",
    ...(spent && { dead: entry.failures === 0 ? ("crashes" as const) : ("attempts" as const) }),
  });
}

function cancelDoomed(decisions: Decisions, entry: Entry): void {
  const { state, time } = decisions;
  const failed = entry.line.dependsOn
    ?.map((id) => state.dependencies.resolve(id))
    .find((other) => other?.state === "dead" || other?.state === "cancelled");
  const reason = `it depends on ${failed?.id ?? "a job"}, which is ${failed?.state ?? "gone"}`;
  decisions.addEvent({ type: "cancelled", at: time.at, job: entry.id, reason });
}
