import {
  instantOf,
  isProcessIdentity,
  judgeProcess,
  type Clock,
  type Instant,
  type WaitOptions,
} from "@flockwork/core";
import type { TimeBook } from "../book/book.ts";
import type { TimeEntry, Timer } from "../time/entry.ts";
import type { Committed, Operation } from "./batch.ts";
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
  // Of what somebody else wrote there, nothing can be told.
  const verdict = isProcessIdentity(timer.process) ? judgeProcess(timer.process) : "elsewhere";
  if (verdict === "running") return undefined;
  if (verdict !== "elsewhere") return verdict;
  const { leaseMs } = timer;
  return leaseMs !== undefined && silentMs(timer, heartbeat, now) > leaseMs ? "silent" : undefined;
}

/** What a recovery looks at, and what it is made with. */
export interface RecoveryTools {
  readonly clock: Clock;
  readonly book: Pick<TimeBook, "read">;
  heartbeats(): Promise<Readonly<Record<string, Heartbeat>>>;
  submit<R>(operation: Operation<R>, wait?: WaitOptions): Promise<Committed<R>>;
}

/** Ends every running timer that is over, in one commit; where there is none, nothing is locked. */
export async function recoverTimers(tools: RecoveryTools, wait: WaitOptions): Promise<readonly Recovered[]> {
  const now = instantOf(tools.clock);
  let heartbeats = await tools.heartbeats();
  const over = (await tools.book.read()).timers.filter((timer) => whyOver(timer, heartbeats[timer.id], now));
  if (over.length === 0) return [];
  const run = (board: Board): readonly Recovered[] =>
    over.flatMap(({ id }) => {
      const timer = board.timer(id);
      const why = timer && whyOver(timer, heartbeats[id], board.rules.now);
      return timer === undefined || why === undefined
        ? []
        : [recoverTimer(board, timer, heartbeats[id], why)];
    });
  // A heartbeat may have come meanwhile.
  const prepare = async (): Promise<void> => void (heartbeats = await tools.heartbeats());
  const { value } = await tools.submit({ what: "recover", prepare, run }, wait);
  return value;
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
