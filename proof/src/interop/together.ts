/** Programs that update one file at the same time: none begins before all are there, or the quick ones would be through before the slow ones have begun. */
import { createInterface } from "node:readline";
import type { Program } from "../harness/program.ts";

/** Tells programs that have said "ready" to begin, and waits for their end. The first that does not end well takes the others with it. What it took, in milliseconds. */
export async function together(programs: readonly Program[]): Promise<number> {
  try {
    for (const program of programs) await program.expect("ready");
    const begunAt = performance.now();
    for (const program of programs) program.tell("go");
    await Promise.all(programs.map((program) => program.finish()));
    return performance.now() - begunAt;
  } finally {
    for (const program of programs) program.kill();
  }
}

/** The programs' side: the next line of standard input, or its end. */
export async function told(): Promise<void> {
  const input = createInterface({ input: process.stdin });
  await new Promise((resolve) => input.once("line", resolve).once("close", resolve));
  input.close();
}
