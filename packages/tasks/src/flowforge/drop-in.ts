/**
 * The names of FlowForge's own `file-lock.js`, `file-lock-integration.js` and `FileLockManager.js`, so that a script changes
 * only its `require`. Their arguments, their defaults (30 s), the errors whose message contains "timeout".
 */
import { join, resolve } from "node:path";
import {
  acquireLock as acquire,
  flowforge,
  inspectLock,
  jsonDocument,
  listLocks,
  resolveTarget,
  tryAcquireLock,
  withWriteLock,
  type FileLock,
} from "@flockwork/core";
import { TaskFormatError } from "../errors.ts";
import { isObject } from "./check-fields.ts";
import type { TaskReceipt } from "./options.ts";
import { openTasks, type FlowForgeTasks } from "./tasks.ts";
import type { TaskUpdate } from "./task.ts";

export { getLockMetrics } from "@flockwork/core";

/** How FlowForge's calls wait, and where they look. */
export interface DropInOptions {
  /** Milliseconds to wait for the lock. Default 30 000. */
  readonly timeout?: number | undefined;
  /** The directory of the project. Default: the working directory. */
  readonly directory?: string | undefined;
}

const layout = "flowforge";
const defaultTimeoutMs = 30_000;
const opened = new Map<string, FlowForgeTasks>();
const held = new Map<string, FileLock>();

/**
 * Sets the fields of a task in `.flowforge/tasks.json`, or adds it. Fields that are not given stay.
 * @throws {LockTimeoutError} its message contains "timeout": nothing was changed.
 */
export function updateTaskFile(task: TaskUpdate, options: DropInOptions = {}): Promise<TaskReceipt> {
  return tasksIn(options.directory).updateTaskFile(task, { timeout: options.timeout ?? defaultTimeoutMs });
}

/** The same for several tasks, all of them or none. */
export function batchUpdateTasks(
  tasks: readonly TaskUpdate[],
  options: DropInOptions = {},
): Promise<readonly TaskReceipt[]> {
  return tasksIn(options.directory).batchUpdateTasks(tasks, { timeout: options.timeout ?? defaultTimeoutMs });
}

/** Replaces what a JSON file holds by what `update` makes of it. A return of nothing means that it changed its argument. */
export async function updateWithLock<T>(
  file: string,
  update: (data: T) => T | void | Promise<T | void>,
  options: DropInOptions = {},
): Promise<T> {
  const document = jsonDocument<T>(file, { layout, timeoutMs: options.timeout ?? defaultTimeoutMs });
  const { value } = await document.update(async (draft) => {
    const data = JSON.parse(JSON.stringify(draft)) as T;
    return (await update(data)) ?? data;
  });
  return value as T;
}

/** Runs `work` while nobody else, old script or new, holds the file's lock. */
export function withLock<R>(
  file: string,
  work: () => R | Promise<R>,
  options: DropInOptions = {},
): Promise<R> {
  return withWriteLock(file, () => work(), { layout, timeoutMs: options.timeout ?? defaultTimeoutMs });
}

/** Waits for the lock of a file. Resolves to the id to release it with: the one that old scripts see in the lock file. */
export async function acquireLock(file: string, timeout: number = defaultTimeoutMs): Promise<string> {
  const lock = await acquire(file, "exclusive", { layout, timeoutMs: timeout });
  try {
    const path = jsonLockOf(file);
    const record = jsonDocument<unknown>(path).readSync();
    const lockId = isObject(record) ? record["lockId"] : undefined;
    if (typeof lockId !== "string")
      throw new TaskFormatError(path, "has no lockId: another program changed it. Ask for the lock again");
    held.set(lockId, lock);
    return lockId;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Gives a lock back. False where that id does not hold the lock of that file here. */
export async function releaseLock(file: string, lockId: string): Promise<boolean> {
  const lock = held.get(lockId);
  if (lock === undefined || lock.targetPath !== resolveTarget(file)) return false;
  held.delete(lockId);
  const { held: wasHeld } = lock;
  await lock.release();
  return wasHeld;
}

/** Whether somebody, this process too, holds the lock of a file. */
export async function isLocked(file: string): Promise<boolean> {
  if (inspectLock(file, { layout }).held) return true;
  const lock = await tryAcquireLock(file, "exclusive", { layout });
  await lock?.release();
  return lock === undefined;
}

/**
 * Removes what dead holders left in `.flowforge/.locks`. Nothing needs it: whoever wants such a lock takes it over.
 * @returns How many were removed.
 */
export async function cleanupStaleLocks(
  directory: string = join(process.cwd(), ".flowforge"),
): Promise<number> {
  const isThere = ({ lockPath }: { readonly lockPath: string }): boolean =>
    /[/\\]\.locks[/\\].*\.lock$/.test(lockPath);
  const found = listLocks(directory).filter(isThere);
  for (const { lockPath } of found) {
    const name = lockPath.split(/[/\\]/).at(-1)?.slice(0, -".lock".length) ?? "";
    await (await tryAcquireLock(join(directory, name), "exclusive", { layout }))?.release();
  }
  const left = new Set(
    listLocks(directory)
      .filter(isThere)
      .map(({ lockPath }) => lockPath),
  );
  return found.filter(({ lockPath }) => !left.has(lockPath)).length;
}

/** The same locks as an object, as FlowForge's scripts use them. */
export class FileLockManager {
  readonly #options: DropInOptions;

  constructor(options: DropInOptions = {}) {
    this.#options = { ...options };
  }

  withLock<R>(file: string, work: () => R | Promise<R>, options: DropInOptions = {}): Promise<R> {
    return withLock(file, work, { ...this.#options, ...options });
  }

  acquireLock(file: string, timeout: number | undefined = this.#options.timeout): Promise<string> {
    return acquireLock(file, timeout);
  }

  releaseLock(file: string, lockId: string): Promise<boolean> {
    return releaseLock(file, lockId);
  }

  isLocked(file: string): Promise<boolean> {
    return isLocked(file);
  }
}

/** By the path it means now: a program may change its working directory. */
function tasksIn(directory: string = "."): FlowForgeTasks {
  const path = resolve(directory);
  const known = opened.get(path);
  if (known !== undefined) return known;
  const tasks = openTasks(path);
  opened.set(path, tasks);
  return tasks;
}

function jsonLockOf(file: string): string {
  const leg = flowforge.locate(resolveTarget(file)).legs.find(({ kind }) => kind === "json-file");
  return leg?.path ?? file;
}
