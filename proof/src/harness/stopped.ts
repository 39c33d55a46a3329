import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Program } from "./program.ts";

/**
 * Stops a program, and waits until every thread of it is: one that waits for a lock may still be granted it.
 * @returns false where it has ended meanwhile.
 */
export async function stopped(program: Program): Promise<boolean> {
  program.kill("SIGSTOP");
  for (;;) {
    const states = threadStates(program.pid);
    if (states.length === 0 || states.includes("Z")) return false;
    if (states.every((state) => state === "T")) return true;
    await pause(1);
  }
}

/** None where the process is gone. A thread that has ended meanwhile is none. */
function threadStates(pid: number): readonly string[] {
  const tasks = `/proc/${pid}/task`;
  return (unlessGone(() => readdirSync(tasks)) ?? []).flatMap((task) => {
    const stat = unlessGone(() => readFileSync(`${tasks}/${task}/stat`, "utf8"));
    return /\) (\w)/.exec(stat ?? "")?.[1] ?? [];
  });
}

function unlessGone<R>(look: () => R): R | undefined {
  try {
    return look();
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
