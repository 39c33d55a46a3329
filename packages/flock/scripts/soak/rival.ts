// A second process on the same locks: takes each by a wait, holds it for a turn, lets go.
import { loadBinding } from "../../src/index.ts";
import { randomSource } from "./random.ts";
import { soakTask } from "./task.ts";

const [paths = "[]", seed = "1"] = process.argv.slice(2);
const counts = { granted: 0, cancelled: 0, timedOut: 0, busy: 0, violations: 0 };
const task = {
  flock: loadBinding(),
  paths: JSON.parse(paths) as string[],
  random: randomSource(Number(seed)),
  counts,
  takeCycle: () => counts.violations === 0 && process.connected,
};
process.send?.("started");
await Promise.all([soakTask(task), soakTask(task), soakTask(task)]);
if (process.connected) process.send?.("violation"); // nothing else ends the tasks while the parent lives
