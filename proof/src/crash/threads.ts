import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The threads of a Node process that make file calls: the one that runs JavaScript, and that of a pool of one. */
export type Thread = "main" | "pool";

/** What the kernel calls the thread. Throws where the process has no pool yet, or one of several threads. */
export function threadId(pid: number, thread: Thread): number {
  if (thread === "main") return pid;
  const tasks = `/proc/${pid}/task`;
  const found = readdirSync(tasks).filter((id) => nameOf(join(tasks, id)) === "libuv-worker");
  if (found.length !== 1) throw new Error(`process ${pid} has ${found.length} threads in its pool, not one`);
  return Number(found[0]);
}

function nameOf(task: string): string {
  return readFileSync(join(task, "comm"), "utf8").trim();
}
