/** The worker's side of the line protocol: says that it is ready, answers each line with one line of JSON. */
import { createInterface } from "node:readline";

export async function answerLines(answer: (line: string) => unknown): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  process.stdout.write("ready\n");
  for await (const line of lines) process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}

/** Mean microseconds of one operation: as the clock saw it, and as the processor did. */
export interface Cost {
  readonly wallUs: number;
  /** All threads of the process, so that the garbage collector's helpers count too. */
  readonly cpuUs: number;
}

export async function costOf(operations: number, run: () => unknown): Promise<Cost> {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await run();
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  return { wallUs: (wallMs * 1000) / operations, cpuUs: (user + system) / operations };
}
