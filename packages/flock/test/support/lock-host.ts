import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import type { BindingName, LockMode } from "../../src/index.ts";
import type { Reply } from "../fixtures/lock-host.ts";

const fixture = fileURLToPath(new URL("../fixtures/lock-host.ts", import.meta.url));

/** Set by scripts/sanitize.ts: the hosts run under a sanitizer, the test runner does not. */
const hostEnvironment = JSON.parse(process.env["FLOCKWORK_TEST_HOST_ENV"] ?? "{}") as Record<string, string>;

/** Where in the child process the locks are taken. */
export type Place = "child process" | "worker thread";

export interface LockHostOptions {
  readonly binding: BindingName;
  readonly execPath: string;
  readonly place: Place;
}

const running = new Set<ChildProcess>();

/** How many hosts were started and have not exited. */
export function hostsRunning(): number {
  return running.size;
}

/** A process under the test's command; every method is one call inside it. */
export class LockHost {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
  readonly exited: Promise<number | NodeJS.Signals | null>;
  #lastId = 0;

  static async start({ binding, execPath, place }: LockHostOptions): Promise<LockHost> {
    const child = fork(fixture, place === "worker thread" ? ["worker"] : [], {
      execPath,
      execArgv: ["--conditions=@flockwork/source", "--disable-warning=ExperimentalWarning"],
      env: { ...process.env, ...hostEnvironment, FLOCKWORK_FLOCK_BINDING: binding },
      stdio: ["ignore", "inherit", "ignore", "ipc"],
    });
    running.add(child);
    const host = new LockHost(child);
    await Promise.race([
      once(child, "message"),
      host.exited.then((code) =>
        Promise.reject(new Error(`the host ended with ${code} before it was ready`)),
      ),
    ]);
    return host;
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.exited = once(child, "exit").then(([code, signal]: (number | NodeJS.Signals | null)[]) => {
      running.delete(child);
      for (const { reject } of this.#pending.values()) reject(new Error("the host has exited"));
      return code ?? signal ?? null;
    });
    child.on("message", (reply: Reply | "ready") => {
      if (reply === "ready") return;
      const { resolve, reject } = this.#pending.get(reply.id) ?? {};
      this.#pending.delete(reply.id);
      if (reply.failure === undefined) resolve?.(reply.result);
      else reject?.(Object.assign(new Error(String(reply.failure["message"])), reply.failure));
    });
  }

  async #call<Result = void>(call: string, ...values: readonly unknown[]): Promise<Result> {
    const deferred = Promise.withResolvers<unknown>();
    const id = (this.#lastId += 1);
    this.#pending.set(id, deferred);
    this.#child.send({ id, call, arguments: values });
    return (await deferred.promise) as Result;
  }

  name(): Promise<string> {
    return this.#call("name");
  }
  canWait(): Promise<boolean> {
    return this.#call("canWait");
  }
  hasWaitSync(): Promise<boolean> {
    return this.#call("hasWaitSync");
  }
  hasOfd(): Promise<boolean> {
    return this.#call("hasOfd");
  }
  open(path: string): Promise<number> {
    return this.#call("open", path);
  }
  close(fd: number): Promise<void> {
    return this.#call("close", fd);
  }
  tryLock(fd: number, mode: LockMode): Promise<boolean> {
    return this.#call("tryLock", fd, mode);
  }
  unlock(fd: number): Promise<void> {
    return this.#call("unlock", fd);
  }
  startWait(key: string, fd: number, mode: LockMode): Promise<void> {
    return this.#call("startWait", key, fd, mode);
  }
  /** A checked wait: `answer` is what it ends with. */
  startCheckedWait(key: string, fd: number, mode: LockMode, lockPath: string, dataPath = ""): Promise<void> {
    return this.#call("startCheckedWait", key, fd, mode, lockPath, dataPath);
  }
  answer(key: string): Promise<number> {
    return this.#call("granted", key);
  }
  cancel(key: string): Promise<void> {
    return this.#call("cancel", key);
  }
  cancelSync(key: string): Promise<boolean> {
    return this.#call("cancelSync", key);
  }
  granted(key: string): Promise<boolean> {
    return this.#call("granted", key);
  }
  waitSync(fd: number, mode: LockMode, timeoutMs: number): Promise<boolean> {
    return this.#call("waitSync", fd, mode, String(timeoutMs));
  }
  checkGrant(fd: number, lockPath: string, dataPath: string): Promise<number> {
    return this.#call("checkGrant", fd, lockPath, dataPath);
  }
  prepare(fd: number, lockPath: string, dataPath: string, ignoredFlaws = 0): Promise<void> {
    return this.#call("prepare", fd, lockPath, dataPath, ignoredFlaws);
  }
  attempt(fd: number, mode: LockMode): Promise<number> {
    return this.#call("attempt", fd, mode);
  }
  hasOpenLocked(): Promise<boolean> {
    return this.#call("hasOpenLocked");
  }
  openLocked(
    lockPath: string,
    mode: LockMode,
    dataPath: string,
    fileMode = 0o600,
    ignoredFlaws = 0,
  ): Promise<number | undefined> {
    return this.#call("openLocked", lockPath, fileMode, mode, dataPath, ignoredFlaws);
  }
  closeLocked(fd: number): Promise<void> {
    return this.#call("closeLocked", fd);
  }
  descriptorsOf(path: string): Promise<number> {
    return this.#call("descriptorsOf", path);
  }
  ofdTryLock(fd: number, mode: LockMode): Promise<boolean> {
    return this.#call("ofdTryLock", fd, mode);
  }
  ofdUnlock(fd: number): Promise<void> {
    return this.#call("ofdUnlock", fd);
  }
  stat(path: string): Promise<boolean> {
    return this.#call("stat", path);
  }
  becomeUser(uid: number): Promise<void> {
    return this.#call("becomeUser", uid);
  }
  descriptorsOfChild(): Promise<string> {
    return this.#call("descriptorsOfChild");
  }
  terminateWorker(): Promise<void> {
    return this.#call("terminateWorker");
  }
  /** Tells the host to call process.exit, and resolves to the code it exited with. */
  exit(code: number): Promise<number | NodeJS.Signals | null> {
    this.#child.send({ id: 0, call: "exit", arguments: [code] });
    return this.exited;
  }
  /** Calls process.exit in the worker, and resolves to the code it exited with. */
  exitWorker(code: number): Promise<number> {
    return this.#call("exitWorker", code);
  }
  /** Leaves the host nothing to live for but its wait; it exits with 5 when that is granted. */
  endWhenGranted(key: string): Promise<number | NodeJS.Signals | null> {
    this.#child.send({ id: 0, call: "endWhenGranted", arguments: [key] });
    return this.exited;
  }
  throwUncaught(): Promise<number | NodeJS.Signals | null> {
    this.#child.send({ id: 0, call: "throwUncaught", arguments: [] });
    return this.exited;
  }
  kill(): Promise<number | NodeJS.Signals | null> {
    this.#child.kill("SIGKILL");
    return this.exited;
  }
}
