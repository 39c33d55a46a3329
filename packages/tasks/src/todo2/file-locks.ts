import { join } from "node:path";
import { fileStore, inspectLock, type Store, type StoreLockOptions } from "@flockwork/core";
import { checkTodo2Id } from "./task.ts";
import type { LockStatus } from "./todo2.ts";

const gitLockMs = 60_000;
/** exarp's names without the `.lock` that its layout adds. */
const gitName = ".todo2/.git-sync";

/** exarp's lock around git writes. */
export const gitLock = {
  run: <R>(store: Store, work: () => R | Promise<R>, options: StoreLockOptions = {}): Promise<R> =>
    store.lock(gitName, { layout: "todo2" }).withWrite(() => work(), { timeoutMs: gitLockMs, ...options }),

  inspect(directory: string): LockStatus["git_lock"] {
    const path = join(directory, `${gitName}.lock`);
    try {
      const { exists, held } = inspectLock(join(directory, gitName), { layout: "todo2" });
      return { path, exists, held };
    } catch {
      return { path, exists: false, held: false }; // there is no .todo2 yet
    }
  },
} as const;

/** exarp's lock file of one task. */
export async function taskLock<R>(
  store: Store,
  taskId: string,
  work: () => R | Promise<R>,
  options: StoreLockOptions = {},
): Promise<R> {
  const name = `.todo2/locks/task_${checkTodo2Id(taskId)}`;
  return await store.lock(name, { layout: "todo2" }).withWrite(() => work(), options);
}

/** Runs git writes in a project while no other program runs any: exarp's `WithGitLock`. */
export function withGitLock<R>(
  directory: string,
  work: () => R | Promise<R>,
  options?: StoreLockOptions,
): Promise<R> {
  return gitLock.run(fileStore(directory), work, options);
}
