import type { Job, JobState, Queue } from "@flockwork/queue";
import { type Command, exitCodes, UsageError } from "../command.ts";
import { runProgram } from "../run-program.ts";
import { listed, row, storeCommand, type Asked, type Told } from "./store-command.ts";

type AnyQueue = Queue<unknown, unknown>;

const states: readonly JobState[] = [
  "waiting",
  "claimed",
  "delayed",
  "blocked",
  "completed",
  "dead",
  "cancelled",
  "replaced",
];

/** `flockwork queue`: jobs in two JSONL files. */
export const queueCommand: Command = storeCommand({
  name: "queue",
  summary: "a job queue: add, work, list, show, stats, dead, redrive, cancel",
  directory: ".",
  options: {
    priority: { type: "string", says: "lower goes first (default 0)" },
    key: { type: "string", says: "two live jobs never share one" },
  },
  actions: {
    add: {
      usage: "JSON",
      says: "puts a job in, and prints its id",
      run: (asked) =>
        using(asked, async (queue) => {
          const [priority, key] = [asked.number("priority"), asked.option("key")];
          const added = await queue.enqueue(parse(asked.args[0]), {
            ...(priority === undefined ? {} : { priority }),
            ...(key === undefined ? {} : { key }),
          });
          return { result: added, lines: [added.id] };
        }),
    },
    work: {
      usage: "-- COMMAND",
      says: "runs the command for the next job, its JSON on standard input; exit code 1 when there is none",
      run: (asked) => using(asked, async (queue) => await work(queue, asked.rest)),
    },
    list: {
      usage: "[STATE]",
      says: "every job, or those that are waiting, claimed, dead, …",
      run: (asked) =>
        using(asked, async (queue) => {
          const [text] = asked.args;
          const chosen = text === "" ? states : states.filter((state) => state === text);
          if (chosen.length === 0) throw new UsageError(`STATE must be one of ${states.join(", ")}`);
          const jobs = (await Promise.all(chosen.map((state) => queue.list(state)))).flat();
          return listed(jobs, lineOf, "no jobs");
        }),
    },
    show: {
      usage: "ID",
      says: "one job, and why it does not run",
      run: (asked) =>
        using(asked, async (queue) => {
          const explained = await queue.explain(asked.args[0]);
          return { result: explained, lines: JSON.stringify(explained, undefined, 2).split("\n") };
        }),
    },
    stats: {
      usage: "",
      says: "how many jobs are in which state",
      run: (asked) =>
        using(asked, async (queue) => {
          const stats = await queue.stats();
          return { result: stats, lines: Object.entries(stats).map(([name, value]) => row(name, value)) };
        }),
    },
    dead: {
      usage: "",
      says: "jobs that were given up",
      run: (asked) =>
        using(asked, async (queue) =>
          listed(await queue.deadLetters(), (job) => row(job.id, job), "no dead letters"),
        ),
    },
    redrive: {
      usage: "ID",
      says: "lets a dead job live again",
      run: (asked) =>
        using(asked, async (queue) => ({
          result: await queue.redrive([asked.args[0]]),
          lines: [`${asked.args[0]} waits again`],
        })),
    },
    cancel: {
      usage: "ID",
      says: "takes a job out",
      run: (asked) =>
        using(asked, async (queue) => {
          await queue.cancel(asked.args[0]);
          return { result: { cancelled: asked.args[0] }, lines: [`${asked.args[0]} is cancelled`] };
        }),
    },
  },
});

async function using({ directory }: Asked, act: (queue: AnyQueue) => Promise<Told>): Promise<Told> {
  const { openQueue } = await import("@flockwork/queue");
  const { fileStore } = await import("@flockwork/core");
  const queue = openQueue<unknown, unknown>(fileStore(directory));
  try {
    return await act(queue);
  } finally {
    await queue.close();
  }
}

/**
 * One job for one command. The claim extends itself until the command has ended; when it is lost all the same, the command is
 * told to end. A command that a signal stopped has not failed: its job is given back.
 */
async function work(queue: AnyQueue, command: readonly string[]): Promise<Told> {
  const [claim] = await queue.claim();
  if (claim === undefined) return { result: null, lines: ["no job waits"], code: exitCodes.no };
  const { id, payload } = claim.job;
  claim.renew();
  const { code, passed, error } = await runProgram(command, {
    stdio: ["pipe", 2, 2],
    env: { ...process.env, FLOCKWORK_JOB: id },
    input: `${JSON.stringify(payload)}\n`,
    stopOn: claim.signal,
  });
  const ended = code === 0 ? "completed" : passed === undefined ? "failed" : "released";
  if (ended === "completed") await claim.complete();
  else if (ended === "released") await claim.release();
  else await claim.fail(error ?? new Error(`${command[0] ?? ""} ended with ${code}`));
  return { result: { id, completed: ended === "completed", ended }, lines: [row(id, ended)], code };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`the job is not JSON: ${(error as Error).message}. Nothing was enqueued`);
  }
}

function lineOf({ id, state, payload }: Job<unknown, unknown>): string {
  return row(id, state, payload);
}
