import { instantOf, type DocumentDraft, type StoreMembers } from "@flockwork/core";
import type { TimeTracking } from "../time-tracking.ts";
import { Board } from "../timers/board.ts";
import { recoverTimer } from "../timers/recover.ts";
import type { Timer } from "../time/entry.ts";
import type { SessionEnd } from "./session-options.ts";
import { lastActivityMs, textMs, type ActiveSession, type ActiveSessionsFile } from "./session.ts";

/** What is known of an agent that ended. */
export interface AgentEnd {
  readonly id: string;
  /** ISO 8601. */
  readonly lastSeenAt?: string;
  readonly endedAt?: string;
}

/** What a registry of agents asks for, to end timers and sessions in the commit that ends their agent. */
export interface TimerDeathEffect {
  readonly name: string;
  readonly members: StoreMembers;
  run(death: AgentEnd, drafts: Readonly<Record<string, unknown>>): Promise<void>;
}

/**
 * Ends the timers of an agent with the agent: for the `onDeath` of a registry in the same store. They end at their last
 * heartbeat, as entries that await `confirm`. What was started after the agent ended is its successor's, and goes on.
 *
 * @param actorOf - Whose timers those of an agent are. Default: the agent's id is the actor's.
 * @example agents.onDeath("*", timerDeathEffect(time));
 */
export function timerDeathEffect(
  time: TimeTracking,
  actorOf: (agentId: string) => string = (agentId) => agentId,
): TimerDeathEffect {
  return {
    name: "time: end timers",
    members: time.book.members,
    async run(death, drafts) {
      const actorId = actorOf(death.id);
      const seenMs = instantOr(death.lastSeenAt, 0);
      const isOver = (timer: Timer): boolean =>
        timer.actorId === actorId &&
        timer.state === "running" &&
        timer.startedAtMs <= instantOr(death.endedAt, Infinity);
      await endTimers(time, drafts, isOver, () => seenMs);
    },
  };
}

/** What the effect of a session manager works with. */
export interface SessionDeathTools {
  readonly time: TimeTracking;
  readonly members: () => StoreMembers;
  readonly agentOf: (session: ActiveSession) => string | undefined;
  readonly runEffects: (
    end: Omit<SessionEnd, "timers">,
    drafts: Readonly<Record<string, unknown>>,
  ) => Promise<void>;
}

/** Ends sessions with their agent: their timers and their effects are in the commit, and the next sweep archives them. */
export function sessionDeathEffect({
  time,
  members,
  agentOf,
  runEffects,
}: SessionDeathTools): TimerDeathEffect {
  return {
    name: "time: end sessions",
    get members() {
      return members();
    },
    async run(death, drafts) {
      const file = drafts["sessions"] as DocumentDraft<ActiveSessionsFile>;
      const lastMs = new Map<string, number>();
      for (const [key, session] of Object.entries(file.value.sessions) as [string, ActiveSession][]) {
        const isLater = (textMs(session.startTime) ?? 0) > instantOr(death.endedAt, Infinity);
        const isOver = session.endTime !== undefined || file.draft.sessions[key]?.endTime !== undefined;
        if (agentOf(session) !== death.id || isLater || isOver) continue;
        const endMs = Math.max(lastActivityMs(session) ?? 0, instantOr(death.lastSeenAt, 0));
        const ended = {
          ...session,
          status: "dead",
          endReason: "agent-dead",
          endTime: new Date(endMs || instantOf(time.clock).wallMs).toISOString(),
        };
        file.draft.sessions[key] = ended;
        lastMs.set(session.sessionId, endMs);
        await runEffects({ session: ended, why: "agent-dead" }, drafts);
      }
      if (lastMs.size > 0)
        await endTimers(
          time,
          drafts,
          ({ sessionId }) => lastMs.has(sessionId ?? ""),
          ({ sessionId }) => lastMs.get(sessionId ?? "") ?? 0,
        );
    },
  };
}

/** Timers that one commit ended already. Several effects, and several deaths, may share a commit, and see what was before it. */
const endedInCommit = new WeakMap<object, Set<string>>();

async function endTimers(
  time: TimeTracking,
  drafts: Readonly<Record<string, unknown>>,
  isOver: (timer: Timer) => boolean,
  seenMs: (timer: Timer) => number,
): Promise<void> {
  const commit = drafts[Object.keys(time.book.members)[0] ?? ""] as object;
  const ended = endedInCommit.get(commit) ?? new Set<string>();
  endedInCommit.set(commit, ended);
  const heartbeats = await time.heartbeats();
  const open = await time.book.open(drafts);
  const board = new Board(open.view, await time.rules());
  const { record } = board.attempt("end with agent", undefined, () => {
    for (const timer of board.timers) {
      if (ended.has(timer.id) || !isOver(timer)) continue;
      ended.add(timer.id);
      if (timer.state === "running")
        recoverTimer(board, timer, heartbeats[timer.id], "session-dead", seenMs(timer));
      else board.removeTimer(timer);
    }
  });
  if (record.changes.length > 0) open.write([record]);
}

function instantOr(text: string | undefined, otherwise: number): number {
  return textMs(text) ?? otherwise;
}
