import { fileStore, identifyProcess, type StoreDocument } from "@flockwork/core";
import { agentRegistry } from "@flockwork/registry";
import { openSessions, openTimeTracking, type SessionManager, type TimeTracking } from "./package.ts";

/** Who holds which task. */
interface Claims {
  by: Record<string, string>;
}

/** A project in which a claim ends with the session of who holds it. */
export interface Project {
  readonly time: TimeTracking;
  readonly sessions: SessionManager;
  readonly claims: StoreDocument<Claims>;
}

export function openProject(directory: string, mode: "document" | "journal" = "document"): Project {
  const store = fileStore(directory);
  const time = openTimeTracking(store, { timeZone: "UTC", mode });
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

/** What is cut short. Each prepares what it needs, and returns what is then to be done. */
export const acts: Readonly<Record<string, (directory: string) => Promise<() => Promise<unknown>>>> = {
  async start(directory) {
    const { time } = await used(directory);
    return () => time.start({ taskId: "142", actorId: "ada" });
  },
  async stop(directory) {
    const { time } = await used(directory);
    await time.start({ taskId: "142", actorId: "ada" });
    return () => time.stop({ actorId: "ada" });
  },
  async "start in a journal"(directory) {
    const { time } = await used(directory, "journal");
    return () => time.start({ taskId: "142", actorId: "ada" });
  },
  async "stop in a journal"(directory) {
    const { time } = await used(directory, "journal");
    await time.start({ taskId: "142", actorId: "ada" });
    return () => time.stop({ actorId: "ada" });
  },
  async "death of a session"(directory) {
    const { sessions } = await atWork(directory);
    return () => sessions.sweep();
  },
  async "eviction of an agent"(directory) {
    const { time, sessions } = await atWork(directory);
    const agents = agentRegistry(time.store);
    agents.onDeath("*", sessions.deathEffect());
    await agents.register({ id: "ada", process: gone });
    return () => agents.sweep();
  },
};

/** A process that is proven gone: this one was born at another time. */
const gone = { ...identifyProcess(), startTicks: "1" };

/** One whose files are there. */
async function used(directory: string, mode?: "document" | "journal"): Promise<Project> {
  const project = openProject(directory, mode);
  await project.time.start({ taskId: "1", actorId: "bob" });
  return project;
}

/** One in which ada has a session, its timer, and a claim, and is gone. */
async function atWork(directory: string): Promise<Project> {
  const project = await used(directory);
  await project.sessions.open({ taskId: "142", developerId: "ada", instanceId: "i1", process: gone });
  await project.claims.update((draft) => void (draft.by["142"] = "ada"));
  return project;
}
