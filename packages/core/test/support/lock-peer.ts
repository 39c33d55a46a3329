import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import type { LockMode } from "../../src/lock/lock-mode.ts";
import type { LockOptions } from "../../src/lock/lock-options.ts";
import type { PeerCalls, Reply } from "../fixtures/lock-peer.ts";

const fixture = fileURLToPath(new URL("../fixtures/lock-peer.ts", import.meta.url));

const running = new Set<ChildProcess>();

/** Peers that were started and have not exited. */
export function peersRunning(): number {
  return running.size;
}

/** Ends what a failed test left behind. */
export function killPeers(): void {
  for (const child of running) child.kill("SIGKILL");
}

export interface PeerPlace {
  /** Locks are taken in a worker thread of the peer rather than on its main thread. */
  readonly worker?: boolean;
  /** Options of the node command itself. */
  readonly execArgv?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** User id the peer runs as; only root may choose. */
  readonly uid?: number;
}

/** What the other process found out about a lock it took. */
export interface PeerLock {
  readonly lockPath: string;
  readonly targetPath: string;
  readonly path: string;
  readonly held: boolean;
}

type PeerOptions = Omit<LockOptions, "signal" | "layout"> & { readonly layout?: string };

/** Another process that takes locks when the test says so. Every method is one call inside it. */
export class LockPeer implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
  /** The exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals | null>;
  #lastId = 0;
  #stderr = "";

  static async start(place: PeerPlace = {}): Promise<LockPeer> {
    const child = fork(fixture, place.worker === true ? ["worker"] : [], {
      execArgv: [
        "--conditions=@flockwork/source",
        "--disable-warning=ExperimentalWarning",
        ...(place.execArgv ?? []),
      ],
      env: { ...process.env, ...place.env },
      serialization: "advanced",
      stdio: ["ignore", "inherit", "pipe", "ipc"],
      ...(place.uid === undefined ? {} : { uid: place.uid, gid: place.uid }),
    });
    running.add(child);
    const peer = new LockPeer(child);
    await Promise.race([
      once(child, "message"),
      peer.exited.then((code) =>
        Promise.reject(new Error(`the peer ended with ${code} at once: ${peer.#stderr}`)),
      ),
    ]);
    return peer;
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#stderr += text));
    this.exited = once(child, "close").then(([code, signal]: (number | NodeJS.Signals | null)[]) => {
      running.delete(child);
      for (const { reject } of this.#pending.values())
        reject(new Error(`the peer has exited: ${this.#stderr}`));
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

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** One call inside the peer, by name. */
  async call<Name extends keyof PeerCalls>(
    name: Name,
    ...values: Parameters<PeerCalls[Name]>
  ): Promise<Awaited<ReturnType<PeerCalls[Name]>>> {
    const deferred = Promise.withResolvers<unknown>();
    const id = (this.#lastId += 1);
    this.#pending.set(id, deferred);
    this.#child.send({ id, call: name, arguments: values });
    return (await deferred.promise) as Awaited<ReturnType<PeerCalls[Name]>>;
  }

  acquire(key: string, path: string, mode: LockMode, options?: PeerOptions): Promise<PeerLock> {
    return this.call("acquire", key, path, mode, options);
  }

  /** Starts to wait, and returns when the call is under way. `granted` tells how it ended. */
  startAcquire(key: string, path: string, mode: LockMode, options?: PeerOptions): Promise<void> {
    return this.call("startAcquire", key, path, mode, options);
  }

  granted(key: string): Promise<PeerLock> {
    return this.call("granted", key);
  }

  /** Whether one try without waiting got the lock; it is kept under the key. */
  tryAcquire(key: string, path: string, mode: LockMode, options?: PeerOptions): Promise<boolean> {
    return this.call("tryAcquire", key, path, mode, options);
  }

  acquireSync(key: string, path: string, mode: LockMode, options?: PeerOptions): Promise<PeerLock> {
    return this.call("acquireSync", key, path, mode, options);
  }

  release(key: string): Promise<void> {
    return this.call("release", key);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends a call whose answer never comes, because the peer ends in it. */
  post<Name extends keyof PeerCalls>(name: Name, ...values: Parameters<PeerCalls[Name]>): void {
    this.#child.send({ id: 0, call: name, arguments: values });
  }

  kill(): Promise<number | NodeJS.Signals | null> {
    this.#child.kill("SIGKILL");
    return this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (running.has(this.#child)) await this.kill();
  }
}
