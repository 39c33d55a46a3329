import { judgeProcess, type Instant } from "@flockwork/core";
import type { TimeEntry, Timer } from "../time/entry.ts";
import type { Board } from "./board.ts";
import { lastSignOf, silentMs, type Heartbeat } from "./heartbeats.ts";
import { stopRunning } from "./stop-timer.ts";

/** A timer that was ended because whoever ran it is gone. */
export interface Recovered {
  readonly timer: Timer;
  readonly entries: readonly TimeEntry[];
  /** Proof, or silence. */
  readonly why: "process-gone" | "process-replaced" | "boot-changed" | "silent" | "session-dead";
}

/** Why a running timer is over, where it is: its process is proven gone, or it promised signs of life and gave none. */
export function whyOver(
  timer: Timer,
  heartbeat: Heartbeat | undefined,
  now: Instant,
): Recovered["why"] | undefined {
  if (timer.state !== "running") return undefined;
  const verdict = timer.process === undefined ? "elsewhere" : judgeProcess(timer.process);
  if (verdict === "running") return undefined;
  if (verdict !== "elsewhere") return verdict;
  const { leaseMs } = timer;
  return leaseMs !== undefined && silentMs(timer, heartbeat, now) > leaseMs ? "silent" : undefined;
}

/** Ends a timer at its last sign of life. The entry awaits confirmation. */
export function recoverTimer(
  board: Board,
  timer: Timer,
  heartbeat: Heartbeat | undefined,
  why: Recovered["why"],
  leastMs = 0,
): Recovered {
  const endedAtMs = Math.max(leastMs, lastSignOf(timer, heartbeat, board.rules.now));
  const details = { state: "recovered", reason: `Ended without a stop: ${why}` } as const;
  const { entries } = stopRunning(
    board,
    timer,
    details,
    Math.min(endedAtMs, Math.max(timer.startedAtMs, board.rules.now.wallMs)),
  );
  return { timer, entries, why };
}
