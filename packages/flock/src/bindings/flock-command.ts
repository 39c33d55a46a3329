import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { fstatSync } from "node:fs";
import { env } from "node:process";

import { checkDescriptor, checkTimeout, isExclusive } from "../arguments.ts";
import type { FlockBinding, FlockWait, LockMode, WaitEnd } from "../binding.ts";
import { FlockSystemError } from "../errors.ts";
import { checkGrantWithFs } from "../grant-check.ts";
import { PendingWait } from "../pending-wait.ts";
import { withPrepare } from "../prepare.ts";

/** Where the child finds the descriptor; its lock belongs to the open file, so it outlives the child. */
const inherited = "3";

/** What flock(1) says on stderr, in the C locale, by the system's name for it. */
const namesByMessage: ReadonlyMap<string, string> = new Map([
  ["Bad file descriptor", "EBADF"],
  ["No locks available", "ENOLCK"],
  ["Operation not supported", "EOPNOTSUPP"],
  ["Function not implemented", "ENOSYS"],
  ["Stale file handle", "ESTALE"],
  ["Input/output error", "EIO"],
  ["Invalid argument", "EINVAL"],
]);

/**
 * Finds util-linux flock(1) and takes locks through it, on a descriptor the child inherits: about 1.5 ms a call,
 * more in a large process, because each call starts a child.
 *
 * `unlock` starts one too: Node alone cannot call LOCK_UN, and closing the descriptor, though it frees the lock as
 * soon as no child holds a copy, would take the descriptor from its owner. Who closes anyway may skip `unlock`.
 */
export function loadFlockCommand(): FlockBinding {
  const probe = spawnSync("flock", ["--version"], { encoding: "utf8" });
  if (probe.error !== undefined) throw new Error(`flock(1) is not on the PATH (${probe.error.message})`);
  if (!probe.stdout.includes("util-linux"))
    throw new Error("the flock on the PATH is not the one of util-linux");
  return withPrepare({
    name: "flock-command",
    canWait: true,
    openLocked: undefined,
    closeLocked: undefined,
    ofd: undefined,
    tryLock: (fd, mode) => run("lock", fd, ["-n", flagFor(mode)]),
    unlock(fd) {
      run("unlock", fd, ["-u"]);
    },
    wait: startWait,
    waitSync(fd, mode, timeoutMs) {
      checkTimeout(timeoutMs);
      if (timeoutMs === 0) return run("lock", fd, ["-n", flagFor(mode)]);
      const bound = timeoutMs === Infinity ? [] : ["-w", (timeoutMs / 1000).toFixed(6)];
      return run("wait for the lock on", fd, [...bound, flagFor(mode)]);
    },
    checkGrant(fd, lockPath, dataPath) {
      checkDescriptor(fd);
      return checkGrantWithFs(fd, lockPath, dataPath);
    },
  });
}

function flagFor(mode: LockMode): string {
  return isExclusive(mode) ? "-x" : "-s";
}

/** True when flock(1) did it, false when somebody else holds the lock. */
function run(operation: string, fd: number, flags: readonly string[]): boolean {
  checkOpen(operation, fd);
  const child = spawnSync("flock", [...flags, inherited], {
    stdio: ["ignore", "ignore", "pipe", fd],
    env: { ...env, LC_ALL: "C" },
    encoding: "utf8",
  });
  if (child.error !== undefined) throw spawnFailure(operation, fd, child.error);
  if (child.signal !== null) throw new FlockSystemError(operation, fd, "EINTR");
  return verdict(operation, fd, child.status ?? 1, child.stderr);
}

function verdict(operation: string, fd: number, status: number, stderr: string): boolean {
  if (status === 0) return true;
  if (status === 1) return false;
  const message = stderr.trim().split(": ").at(-1) ?? "";
  throw new FlockSystemError(operation, fd, namesByMessage.get(message) ?? "EIO", {
    cause: new Error(stderr),
  });
}

/** A closed descriptor would hand the child whatever file gets its number next. */
function checkOpen(operation: string, fd: number): void {
  checkDescriptor(fd);
  try {
    fstatSync(fd);
  } catch (error) {
    throw spawnFailure(operation, fd, error as NodeJS.ErrnoException);
  }
}

function spawnFailure(operation: string, fd: number, error: NodeJS.ErrnoException): FlockSystemError {
  return new FlockSystemError(operation, fd, error.code ?? "EIO", { cause: error });
}

/** The children asleep in the kernel's queue; whoever exits meanwhile takes them along. */
const waiting = new Set<ChildProcess>();

function killWaiting(): void {
  for (const child of waiting) child.kill("SIGKILL");
}

function startWait(fd: number, mode: LockMode): FlockWait {
  const operation = "wait for the lock on";
  const flag = flagFor(mode);
  checkOpen(operation, fd);
  const child = spawn("flock", [flag, inherited], {
    stdio: ["ignore", "ignore", "pipe", fd],
    env: { ...env, LC_ALL: "C" },
  });
  if (waiting.size === 0) process.on("exit", killWaiting);
  waiting.add(child);
  const wait = new PendingWait();
  let stderr = "";
  let cancelled = false;
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const settle = (result: () => boolean): void => {
    waiting.delete(child);
    if (waiting.size === 0) process.off("exit", killWaiting);
    let end: WaitEnd;
    try {
      end = result();
    } catch (error) {
      end = error as FlockSystemError;
    }
    wait.settle(end);
  };
  child.on("error", (error) => {
    if (child.pid === undefined)
      settle(() => {
        throw spawnFailure(operation, fd, error);
      });
  });
  child.on("close", (status, signal) => {
    settle(() => {
      if (signal === null) return verdict(operation, fd, status ?? 1, stderr);
      // Killed, perhaps between the grant and its exit: the lock may be on the open file, so give it back.
      run("unlock", fd, ["-u"]);
      if (cancelled) return false;
      throw new FlockSystemError(operation, fd, "EINTR");
    });
  });
  const cancel = (): void => {
    cancelled = true;
    child.kill("SIGKILL");
  };
  return wait.face(cancel, undefined);
}
