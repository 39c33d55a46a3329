import { identifyProcess, type ProcessIdentity } from "@flockwork/core";
import {
  flowforgeProvider,
  type FlowForgeProvider,
  type SessionManager,
} from "../../../../packages/time-tracking/src/index.ts";
import type { DomainOperation } from "./domain-operation.ts";
import { entryOf, operation, type Options } from "./time-operation.ts";

/** A process that is proven gone: this one was born at another time. */
export const gone: ProcessIdentity = { ...identifyProcess(), startTicks: "1" };

/** One in which ada has a session with a timer, and is gone. */
const atWork: Options = {
  prepare: async (time, _, sessions) => {
    await time.start({ taskId: "1", actorId: "bob" });
    await sessions.open({ taskId: "142", developerId: "ada", instanceId: "i1", process: gone });
  },
};

const sessionOf = async (sessions: SessionManager): Promise<string> =>
  (await sessions.list())[0]?.sessionId ?? "";

/** One in which her session has ended with her, so that its entry awaits a word. */
const sweptAway: Options = {
  prepare: async (time, _, sessions) => {
    await atWork.prepare?.(time, 0, sessions);
    await sessions.sweep();
  },
};

/** FlowForge's own names of it: of the session that was started before. */
function provider(
  name: string,
  work: (provider: FlowForgeProvider, sessionId: string) => unknown,
  before: (provider: FlowForgeProvider, sessionId: string) => unknown = () => undefined,
): DomainOperation {
  const idIn = async (of: FlowForgeProvider): Promise<string> =>
    (await of.getSessions("dee"))[0]?.sessionId ?? "";
  return operation(
    `provider.${name}`,
    async (time) => {
      const of = flowforgeProvider(time);
      await work(of, await idIn(of));
    },
    {
      prepare: async (time) => {
        const of = flowforgeProvider(time);
        await of.startSession(7, "dee");
        await before(of, await idIn(of));
      },
    },
  );
}

/** Every call that changes sessions, by our names of it and by FlowForge's. */
export const sessionOperations: readonly DomainOperation[] = [
  operation("confirm", async (time) => time.confirm(await entryOf(time)), sweptAway),
  operation("sessions.open", (_, round, sessions) =>
    sessions.open({ taskId: "7", developerId: `dev${round}`, instanceId: `i${round}` }),
  ),
  {
    ...operation(
      "sessions.heartbeat",
      async (_, __, sessions) => sessions.heartbeat(await sessionOf(sessions)),
      atWork,
    ),
    durability: "os", // a sign of life that a loss of power takes is made again
  },
  operation(
    "sessions.attachTask",
    async (_, round, sessions) => sessions.attachTask(await sessionOf(sessions), `${round}7`),
    atWork,
  ),
  operation("sessions.pause", async (_, __, sessions) => sessions.pause(await sessionOf(sessions)), atWork),
  operation("sessions.resume", async (_, __, sessions) => sessions.resume(await sessionOf(sessions)), {
    prepare: async (time, _, sessions) => {
      await atWork.prepare?.(time, 0, sessions);
      await sessions.pause(await sessionOf(sessions));
    },
  }),
  operation(
    "sessions.takeOver",
    async (_, round, sessions) =>
      sessions.takeOver(await sessionOf(sessions), { instanceId: `i${round}2`, force: true }),
    { ...atWork, follow: async (_, __, sessions) => sessions.close(await sessionOf(sessions)) },
  ),
  operation("sessions.close", async (_, __, sessions) => sessions.close(await sessionOf(sessions)), {
    ...atWork,
    follow: (_, __, sessions) => sessions.sweep(), // who closes it again is refused, and takes no lock
  }),
  operation("sessions.sweep", (_, __, sessions) => sessions.sweep(), atWork),
  provider("startSession", (of) => of.startSession(8, "eve")),
  provider("pauseSession", (of, id) => of.pauseSession(id)),
  provider(
    "resumeSession",
    (of, id) => of.resumeSession(id),
    (of, id) => of.pauseSession(id),
  ),
  provider("endSession", (of, id) => of.endSession(id)),
];
