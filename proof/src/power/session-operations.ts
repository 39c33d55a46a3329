/** Calls of sessions, whose timers begin and end with them, and of timers that stop. */
import { finishCommit, type Holdings, type PowerOperation, type Subject } from "./power-operation.ts";

const timeIn = async (directory: string) => {
  const { openSessions, openTimeTracking } = await import("../time/package.ts");
  const time = openTimeTracking(directory, { timeZone: "UTC" });
  return { time, sessions: openSessions(time) };
};

export const sessionSubjects: Readonly<Record<string, Subject>> = {
  sessions: {
    empty: [],
    observe: async (directory) => {
      await finishCommit(directory, ".flowforge/billing/time-tracking.json", "flowforge");
      return (await (await timeIn(directory)).sessions.list())
        .map(({ developerId }) => developerId)
        .toSorted();
    },
  },
};

const times = (held: Holdings) => held["time"] as { readonly entries: string[]; readonly running: string[] };
const open = (held: Holdings) => held["sessions"] as string[];

export const sessionOperations: readonly PowerOperation[] = [
  {
    name: "sessions open",
    subjects: ["sessions", "time"],
    apply: (held, round) => ({
      ...held,
      sessions: [...open(held), `dev${round}`].toSorted(),
      time: { ...times(held), running: [...times(held).running, `dev${round}`].toSorted() },
    }),
    run: async (directory, round) => {
      const session = { taskId: "session", developerId: `dev${round}`, instanceId: `i${round}` };
      await (await timeIn(directory)).sessions.open(session);
    },
  },
  {
    name: "sessions close",
    subjects: ["sessions", "time"],
    apply: (held) => {
      const [first, ...rest] = open(held);
      if (first === undefined) return held;
      const running = times(held).running.filter((actor) => actor !== first);
      const entries = [...times(held).entries, "session"].toSorted();
      return { ...held, sessions: rest, time: { entries, running } };
    },
    run: async (directory) => {
      const { sessions } = await timeIn(directory);
      const [first] = (await sessions.list()).toSorted((one, two) =>
        one.developerId < two.developerId ? -1 : 1,
      );
      if (first !== undefined) await sessions.close(first.sessionId);
    },
  },
];
