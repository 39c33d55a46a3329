import { fileStore, type StoreDocument } from "@flockwork/core";
import { openSessions, openTimeTracking, type SessionManager, type TimeTracking } from "../../src/index.ts";

/** Who holds which task. */
export interface Claims {
  by: Record<string, string>;
}

/** A project in which a session takes a claim when it opens, and loses it when it ends. */
export interface Project {
  readonly time: TimeTracking;
  readonly sessions: SessionManager;
  readonly claims: StoreDocument<Claims>;
}

export function openProject(directory: string): Project {
  const store = fileStore(directory);
  const time = openTimeTracking(store, { timeZone: "UTC" });
  const sessions = openSessions(time);
  const claims = store.document<Claims>({ name: "claims.json", defaults: () => ({ by: {} }) });
  sessions.onDeath({
    name: "free claims",
    members: { claims },
    run: ({ session }, { claims: { draft } }) => {
      for (const [task, holder] of Object.entries(draft.by))
        if (holder === session.developerId) delete draft.by[task];
    },
  });
  return { time, sessions, claims };
}
