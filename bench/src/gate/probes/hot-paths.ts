/**
 * The calls that must not become slower, on one thread. It runs inside the checkout that is measured, so it uses only what every
 * commit has. Arguments: a directory, then either a path's name, and each line of input is a count, answered with the cost of one
 * call; or a count and names, and each of these paths is called so often, marked for a tracer. `32 callers`, `hand-over` and `job`
 * are as many calls as they have callers, turns of one process, and steps.
 */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileStore, jsonDocument, jsonlLog, withWriteLock, withWriteLockSync } from "@flockwork/core";
import { costOf, marked } from "./cost.ts";

const [directory = "", what = "", ...names] = process.argv.slice(2);
mkdirSync(directory, { recursive: true });
const file = join(directory, "file.json");
let seen = 0;

interface Items {
  counter: number;
  readonly items: readonly { readonly id: number; readonly text: string }[];
}

function tenKilobytes(): Items {
  return { counter: 0, items: Array.from({ length: 60 }, (_, id) => ({ id, text: "x".repeat(120) })) };
}

/** A directory of its own, as the packages of a domain want it. */
function own(name: string): string {
  const path = join(directory, name);
  mkdirSync(path, { recursive: true });
  return path;
}

const os = { durability: "os" } as const;
type Run = (count: number) => Promise<void> | void;

const paths: Readonly<Record<string, () => Run | Promise<Run>>> = {
  "lock, sync": () => (count) => {
    for (let at = 0; at < count; at += 1) withWriteLockSync(file, () => void (seen += 1));
  },
  lock: () => async (count) => {
    for (let at = 0; at < count; at += 1) await withWriteLock(file, () => void (seen += 1));
  },
  "cached read": () => {
    writeFileSync(file, JSON.stringify(tenKilobytes(), undefined, 2));
    const document = jsonDocument<Items>(file);
    return async (count) => {
      for (let at = 0; at < count; at += 1) seen += (await document.read()).items.length;
    };
  },
  update: () => {
    writeFileSync(file, JSON.stringify(tenKilobytes(), undefined, 2));
    const document = jsonDocument<Items>(file, { durability: "os" });
    return async (count) => {
      for (let at = 0; at < count; at += 1) await document.update((draft) => void (draft.counter += 1));
    };
  },
  append: () => {
    const log = jsonlLog<{ text: string }>(join(directory, "log.jsonl"), { durability: "os" });
    return async (count) => {
      for (let at = 0; at < count; at += 1) await log.append({ text: "x".repeat(280) });
    };
  },
  "32 callers": () => async (count) => {
    const one = (): Promise<void> => withWriteLock(file, () => void (seen += 1));
    for (let at = 0; at < count; at += 32)
      await Promise.all(Array.from({ length: Math.min(32, count - at) }, one));
  },
  "hand-over": async () => {
    const [program = ""] = process.argv.slice(1);
    const other = spawn(process.execPath, [program, directory, "lock"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const answers = createInterface({ input: other.stdout })[Symbol.asyncIterator]();
    await answers.next(); // it is ready; its input ends with this process, and it with that
    const lockInTurns = await pathCalled("lock")();
    return async (count) => {
      other.stdin.write(`${count}\n`);
      await lockInTurns(count);
      await answers.next();
    };
  },
  transact: () => {
    const store = fileStore(own("transact"));
    const defaults = (): Items => ({ counter: 0, items: [] });
    const document = store.document<Items>({ name: "file.json", defaults });
    const log = store.log<{ text: string }>({ name: "log.jsonl" });
    return async (count) => {
      for (let at = 0; at < count; at += 1)
        await store.transact(
          { document, log },
          (tx) => {
            tx.document.draft.counter += 1;
            tx.log.append({ text: "x" });
          },
          os,
        );
    };
  },
  issue: async () => {
    const { openBeads } = await import("@flockwork/beads");
    const beads = openBeads(own("issues"), os);
    const { issue } = await beads.create({ title: "an issue" });
    return async (count) => {
      for (let at = 0; at < count; at += 1) await beads.update(issue.id, { title: `title ${(seen += 1)}` });
    };
  },
  job: async () => {
    const { openQueue } = await import("@flockwork/queue");
    const queue = openQueue<number>(fileStore(own("jobs")), os);
    return async (count) => {
      for (let at = 0; at < count; at += 1) {
        await queue.enqueue(at);
        for (const claim of await queue.claim()) await claim.complete();
      }
    };
  },
  machine: async () => {
    const { machineRegistry } = await import("@flockwork/registry");
    const machines = machineRegistry(fileStore(own("machines")), os);
    await machines.add({ name: "one", type: "ssh", host: "h" });
    return async (count) => {
      for (let at = 0; at < count; at += 1) await machines.update("one", { host: `h${(seen += 1)}` });
    };
  },
  task: async () => {
    const { openTasks } = await import("@flockwork/tasks");
    const tasks = openTasks(own("tasks"));
    const { task } = await tasks.create({ title: "a task" });
    return async (count) => {
      for (let at = 0; at < count; at += 1) await tasks.update(task.id, { title: `title ${(seen += 1)}` });
    };
  },
  "start and stop": async () => {
    const { openTimeTracking } = await import("@flockwork/time-tracking");
    const time = openTimeTracking(own("time"), { ...os, mode: "journal", timeZone: "UTC" });
    return async (count) => {
      for (let at = 0; at < count; at += 1) {
        await time.start({ taskId: "1", actorId: "eve" });
        await time.stop({ actorId: "eve" });
      }
    };
  },
};

/** So often before anything is counted: what is only done once is not to be in the count. */
const warmUp = 30;

async function serve(run: Run): Promise<void> {
  process.stdout.write("ready\n");
  for await (const line of createInterface({ input: process.stdin })) {
    const cost = await costOf(Number(line), () => run(Number(line)));
    process.stdout.write(`${JSON.stringify(cost)}\n`);
  }
}

async function callAll(count: number): Promise<void> {
  for (const prepare of names.map(pathCalled)) {
    const run = await prepare();
    await run(warmUp);
    await delay(50); // a file that was just written is read again and again: it may change once more within its instant
    await run(warmUp);
    await marked(() => run(count));
  }
}

function pathCalled(name: string): () => Run | Promise<Run> {
  const path = paths[name];
  if (path === undefined) throw new RangeError(`no hot path is called ${name}`);
  return path;
}

if (Number(what) > 0) {
  await callAll(Number(what));
  process.exit(); // a queue waits for jobs
} else await serve(await pathCalled(what)());
