import type { StoreMembers } from "@flockwork/core";
import type { TimeTracking } from "../time-tracking.ts";
import { Board } from "../timers/board.ts";
import { recoverTimer } from "../timers/recover.ts";

/** What a registry of agents asks for, to end a timer in the commit that ends its agent. */
export interface TimerDeathEffect {
  readonly name: string;
  readonly members: StoreMembers;
  run(
    death: { readonly id: string; readonly lastSeenAt?: string },
    drafts: Readonly<Record<string, unknown>>,
  ): Promise<void>;
}

/**
 * Ends the timers of an agent with the agent: for the `onDeath` of a registry in the same store. They end at their last
 * heartbeat, as entries that await `confirm`.
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
    async run({ id, lastSeenAt }, drafts) {
      const seenMs = lastSeenAt === undefined ? 0 : Date.parse(lastSeenAt);
      const heartbeats = await time.heartbeats();
      const open = await time.book.open(drafts);
      const board = new Board(open.view, await time.rules());
      const { record } = board.attempt("recover", actorOf(id), () => {
        for (const timer of board.timers)
          if (timer.actorId === actorOf(id) && timer.state === "running")
            recoverTimer(board, timer, heartbeats[timer.id], "session-dead", seenMs);
      });
      if (record.changes.length > 0) open.write([record]);
    },
  };
}
