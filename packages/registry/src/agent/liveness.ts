/** Who is alive: a pure judgement of an entry, a reading of the clocks, and a look at the process. */
import {
  judgeProcess,
  type Instant,
  type MonotonicTime,
  type ProcessIdentity,
  type ProcessVerdict,
} from "@flockwork/core";
import type { AgentEntry, Heartbeat, Suspicion } from "./agent-entry.ts";
import type { DeathProof, Liveness } from "./agent.ts";

/** What a judge goes by. */
export interface Judge {
  readonly now: Instant;
  /** Looks at a process. The same process is looked at once in one judgement. */
  readonly look: (identity: ProcessIdentity) => ProcessVerdict;
  /** Milliseconds for which this judge has seen that very heartbeat, by its own monotonic clock. */
  readonly unchangedForMs: (id: string, heartbeat: Readonly<Heartbeat>) => number;
}

/** What was found, and why. */
export interface Judgement {
  readonly liveness: Liveness;
  /** Set with `dead`. */
  readonly proof?: DeathProof;
  readonly reason?: string;
}

/** How long an entry without heartbeats, as other programs write it, counts as fresh. */
const foreignLeaseMs = 30_000;

/**
 * Judges one agent.
 *
 * Dead is who is proven dead: by its process, where that can be seen from here; else by silence past its grace, counted on one
 * monotonic clock, so that neither a jump of the wall clock nor sleep of the machine counts.
 * One whose process runs is never dead, however long it is silent.
 */
export function judge(id: string, entry: Readonly<AgentEntry>, by: Judge): Judgement {
  const { heartbeat, process, suspect } = entry;
  if (entry.generation === undefined || heartbeat === undefined) {
    const at: unknown = entry.UpdatedAt ?? entry.updatedAt; // another program may have left anything there
    const silentMs = by.now.wallMs - (typeof at === "string" ? Date.parse(at) : Number.NaN);
    return { liveness: silentMs <= foreignLeaseMs ? "alive" : "suspect" };
  }
  const verdict = process === undefined ? "elsewhere" : by.look(process);
  if (verdict !== "running" && verdict !== "elsewhere")
    return { liveness: "dead", proof: verdict, reason: reasonOf(verdict, process) };
  const unchangedMs = by.unchangedForMs(id, heartbeat);
  const silentMs = Math.max(elapsedMs(heartbeat, by.now), unchangedMs);
  if (silentMs <= heartbeat.leaseMs && suspect === undefined) return { liveness: "alive" };
  if (verdict === "running" || suspect === undefined) return { liveness: "suspect" };
  const suspectForMs = suspectedFor(suspect, by.now);
  if (suspectForMs === undefined || suspectForMs < heartbeat.graceMs) return { liveness: "suspect" };
  // A wall clock is enough for a suspicion, and for no proof: its jump may have raised this one.
  const provenMs = Math.max(sameClock(heartbeat.monotonic, by.now) ?? 0, unchangedMs, suspectForMs);
  if (provenMs < heartbeat.leaseMs + heartbeat.graceMs) return { liveness: "suspect" };
  const reason = `silent since ${heartbeat.at}, and for ${Math.round(suspectForMs)} ms after it was found suspect`;
  return { liveness: "dead", proof: "lease-expired", reason };
}

/** Whether a sweep should note that it found the agent suspect: nobody has yet, or not on a clock that can be read here. */
export function needsSuspicion(suspect: Readonly<Suspicion> | undefined, now: Instant): boolean {
  return suspect === undefined || (now.monotonic !== undefined && suspectedFor(suspect, now) === undefined);
}

/** Milliseconds since a sweep on this clock found it; undefined where none has. */
function suspectedFor({ clocks = [] }: Readonly<Suspicion>, now: Instant): number | undefined {
  return sameClock(
    clocks.find(({ clock }) => clock === now.monotonic?.clock),
    now,
  );
}

/** A judge that looks at the real processes. */
export function judgeAt(now: Instant, unchangedForMs: Judge["unchangedForMs"] = () => 0): Judge {
  const looks = new Map<string, ProcessVerdict>();
  return {
    now,
    unchangedForMs,
    look(identity) {
      const { pid, host, startTicks, bootId, pidNamespace } = identity;
      const key = JSON.stringify([pid, host, startTicks, bootId, pidNamespace]);
      let verdict = looks.get(key);
      if (verdict === undefined) looks.set(key, (verdict = judgeProcess(identity)));
      return verdict;
    },
  };
}

function elapsedMs(heartbeat: Readonly<Heartbeat>, now: Instant): number {
  return sameClock(heartbeat.monotonic, now) ?? now.wallMs - Date.parse(heartbeat.at);
}

/** Milliseconds since a point on the clock that `now` was read from; undefined where it is of another clock. */
function sameClock(point: MonotonicTime | undefined, now: Instant): number | undefined {
  if (point === undefined || point.clock !== now.monotonic?.clock) return undefined;
  return now.monotonic.ms - point.ms;
}

function reasonOf(proof: DeathProof, process: ProcessIdentity | undefined): string {
  const who = `process ${process?.pid} of ${process?.host}`;
  if (proof === "process-gone") return `${who} does not exist any more`;
  if (proof === "process-replaced") return `${who} is another one by now: it started at another time`;
  return `${process?.host} was started anew since ${who} registered`;
}
