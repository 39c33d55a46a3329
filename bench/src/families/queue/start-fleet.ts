import { nodeWorker, type LineProgram } from "../../measure/line-program.ts";

/** Starts programs on one queue. The first one makes its files: SQLite refuses to switch to WAL while others open it. */
export async function startFleet(args: readonly string[], count: number): Promise<readonly LineProgram[]> {
  const first = await nodeWorker("queue-jobs.ts", [...args]).ready();
  const others = Array.from({ length: count - 1 }, () => nodeWorker("queue-jobs.ts", [...args]));
  return [first, ...(await Promise.all(others.map((program) => program.ready())))];
}
