/**
 * Updates of FlowForge's tasks.json. Arguments: directory, way, id of this worker. A line is updates, all asked for at once; or, for
 * `naive`, one after the other. `warm <updates> <seconds>` makes so many in a copy of the directory, no longer than that.
 */
import {
  closeSync,
  cpSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openTasks } from "@flockwork/tasks";
import { answerLines, costOf } from "./line-server.ts";

const [directory = "", way = "ours", name = "0"] = process.argv.slice(2);
const first = Number(name) * 100;
let round = 0;

interface File {
  tasks: { id: number; status?: string; done?: number; updatedAt?: string }[];
  lastUpdated: string;
}

/** One lock, one read, one write, as durable as ours, for one update. */
function updateAlone(file: string, id: number): void {
  const data = JSON.parse(readFileSync(file, "utf8")) as File;
  const task = data.tasks.find((each) => each.id === id);
  if (task === undefined) throw new Error(`no task ${id}`);
  Object.assign(task, {
    status: `${way} ${round}`,
    done: (task.done ?? 0) + 1,
    updatedAt: new Date().toISOString(),
  });
  const staged = `${file}.${process.pid}.tmp`;
  const fd = openSync(staged, "w");
  writeSync(fd, JSON.stringify(data, null, 2));
  fsyncSync(fd);
  closeSync(fd);
  renameSync(staged, file);
  const parent = openSync(dirname(file), "r");
  fsyncSync(parent);
  closeSync(parent);
}

/** The lock of the original: a file made with `wx`, looked for every 100 ms. */
async function underWxLock(file: string, work: () => void): Promise<void> {
  const lock = `${file}.wx`;
  for (;;) {
    try {
      closeSync(openSync(lock, "wx"));
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      await sleep(100);
    }
  }
  work();
  unlinkSync(lock);
}

type Update = (id: number) => Promise<unknown>;

function updateIn(root: string): Update {
  const file = join(root, ".flowforge/tasks.json");
  if (way !== "ours") return (id) => underWxLock(file, () => updateAlone(file, id));
  const tasks = openTasks(root);
  return (id) =>
    tasks.update(id, (task) => ({
      status: "in_progress",
      done: ((task as { done?: number }).done ?? 0) + 1,
      note: `${way} ${round}`,
    }));
}

async function makeUpdates(update: Update, count: number, atOnce: boolean): Promise<void> {
  const ids = Array.from({ length: count }, (_, at) => first + 1 + (at % 100));
  if (atOnce) await Promise.all(ids.map(update));
  else for (const id of ids) await update(id);
}

/** Who looks for the lock every 100 ms makes one after the other: at once they would only sleep. */
async function warmUp(updates: number, seconds: number): Promise<void> {
  const copy = `${directory}-warm-${name}`;
  cpSync(directory, copy, { recursive: true });
  const updateCopy = updateIn(copy);
  const endAt = performance.now() + seconds * 1_000;
  const some = 50;
  for (let made = 0; made < updates && performance.now() < endAt; made += some)
    await makeUpdates(updateCopy, some, way === "ours");
}

const update = updateIn(directory);

await answerLines(async (line) => {
  const [order, updates, seconds] = line.split(" ");
  if (order === "warm") {
    await warmUp(Number(updates), Number(seconds));
    return {};
  }
  round += 1;
  return await costOf(Number(line), () => makeUpdates(update, Number(line), way !== "naive"));
});
