/**
 * Updates of FlowForge's tasks.json. Arguments: directory, way, id of this worker. A line is updates, all asked for at once; or, for
 * `naive`, one after the other.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openTasks } from "@flockwork/tasks";
import { answerLines, costOf } from "./line-server.ts";

const [directory = "", way = "ours", name = "0"] = process.argv.slice(2);
const file = join(directory, ".flowforge/tasks.json");
const tasks = openTasks(directory);

interface File {
  tasks: { id: number; status?: string; done?: number; updatedAt?: string }[];
  lastUpdated: string;
}
let round = 0;

/** One lock, one read, one write, as durable as ours, for one update. */
function updateAlone(id: number): void {
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
async function underWxLock(work: () => void): Promise<void> {
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

const first = Number(name) * 100;
const updateOurs = (id: number): Promise<unknown> =>
  tasks.update(id, (task) => ({
    status: "in_progress",
    done: ((task as { done?: number }).done ?? 0) + 1,
    note: `${way} ${round}`,
  }));

await answerLines((line) => {
  round += 1;
  const ids = Array.from({ length: Number(line) }, (_, at) => first + 1 + (at % 100));
  return costOf(ids.length, async () => {
    if (way === "ours") await Promise.all(ids.map(updateOurs));
    else if (way === "polling") await Promise.all(ids.map((id) => underWxLock(() => updateAlone(id))));
    else for (const id of ids) await underWxLock(() => updateAlone(id));
  });
});
