import { instantOf, isProcessIdentity, judgeProcess, type WaitOptions } from "@flockwork/core";
import { canonical } from "../book/change.ts";
import type { TimeTracking } from "../time-tracking.ts";
import { recoverTimer, type Recovered } from "../timers/recover.ts";
import { stopRunning } from "../timers/stop-timer.ts";
import { sessionOf, timersOf } from "./find-session.ts";
import type { SessionCommits } from "./session-commits.ts";
import type { SessionEffects } from "./session-effects.ts";
import type { SessionEnd } from "./session-options.ts";
import { lastActivityMs, textMs, type ActiveSession } from "./session.ts";

/** What ends sessions works with. */
export interface EndTools {
  readonly time: TimeTracking;
  readonly commits: SessionCommits;
  readonly effects: SessionEffects;
  readonly elsewhereSilentMs: number;
}

/** Why a session is over though nobody said so, where it is: its process is proven gone, or, elsewhere, was silent for too long. */
export function whyDead(
  { time, elsewhereSilentMs }: EndTools,
  session: ActiveSession,
): Exclude<SessionEnd["why"], "closed"> | undefined {
  const { process, pid, hostname } = session;
  const verdict = judgeProcess(isProcessIdentity(process) ? process : { pid, host: hostname });
  if (verdict === "running") return undefined;
  if (verdict !== "elsewhere") return verdict;
  const silentMs = instantOf(time.clock).wallMs - (lastActivityMs(session) ?? Infinity);
  return silentMs > elsewhereSilentMs ? "silent" : undefined;
}

/**
 * Ends a session, its timers and what else hangs on it, and archives it, in one commit; unless `decide`, which is asked under the
 * locks, finds no reason. Undefined where there is none, or no such session.
 */
export async function endSession(
  { time, commits, effects }: EndTools,
  sessionId: string,
  wait: WaitOptions,
  decide: (session: ActiveSession) => SessionEnd["why"] | undefined,
): Promise<SessionEnd | undefined> {
  const { files } = commits;
  const known = await commits.get(sessionId);
  if (known === undefined) return undefined;
  const endedAtMs = instantOf(time.clock).wallMs;
  const heartbeats = await time.heartbeats();
  const prepared = effects.prepare();
  const members = { ...files.members({ ...known, sessionId }, endedAtMs), ...prepared.members };
  return commits.run("end session", members, wait, async (board, file, drafts) => {
    const session = sessionOf(file.value, sessionId);
    const why = session === undefined ? undefined : decide(session);
    if (session === undefined || why === undefined) return undefined;
    const lastMs = lastActivityMs(session);
    const timers = timersOf(board, session).flatMap((timer): Recovered[] => {
      if (timer.state === "paused") board.removeTimer(timer);
      else if (why === "closed")
        return [{ timer, entries: stopRunning(board, timer).entries, why: "session-dead" }];
      else return [recoverTimer(board, timer, heartbeats[timer.id], "session-dead", lastMs)];
      return [];
    });
    delete file.draft.sessions[sessionId];
    const over = { ...session, status: why === "closed" ? "closed" : "dead", endReason: why };
    // Its last heartbeat may have reached its timer alone.
    const ends = timers.flatMap(({ entries }) => entries.map((entry) => entry.endedAtMs));
    const overAtMs = why === "closed" ? endedAtMs : Math.max(lastMs ?? endedAtMs, ...ends);
    const ended = { ...over, endTime: new Date(overAtMs).toISOString() };
    files.archive(drafts, ended);
    files.note(drafts, ended, false);
    await prepared.run({ session: ended, why }, drafts);
    return { session: ended, timers, why };
  });
}

/** Puts away one that ended in a commit that could not: with its agent. */
export async function archiveSession(
  commits: SessionCommits,
  sessionId: string,
  known: ActiveSession,
  wait: WaitOptions,
): Promise<void> {
  const { files } = commits;
  const members = files.members({ ...known, sessionId }, textMs(known.endTime) ?? 0);
  await commits.run("archive session", members, wait, (_, file, drafts) => {
    const { sessions } = file.value;
    const session = Object.hasOwn(sessions, sessionId) ? (sessions[sessionId] as ActiveSession) : undefined;
    if (session === undefined || canonical(session.endTime) !== canonical(known.endTime)) return;
    delete file.draft.sessions[sessionId];
    files.archive(drafts, session);
    files.note(drafts, session, false);
  });
}
