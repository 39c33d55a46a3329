/** Heartbeats of agents, in jit's files beside the claims: which process works for an agent, and when it last said so. */
import {
  RevisionConflictError,
  UnsafePathError,
  type Clock,
  type DocumentSnapshot,
  type Store,
} from "@flockwork/core";
import { isRunning } from "../process-alive.ts";
import type { ClaimContext } from "./claim-board.ts";
import { overwrite } from "./files.ts";
import {
  heartbeatNames,
  heartbeatOf,
  isOwnFile,
  nameOfHeartbeat,
  readHeartbeat,
  type JitHeartbeat,
} from "./heartbeat-file.ts";

/** jit's default, too. */
export const defaultHeartbeatMs = 30_000;

/** A heartbeat, and what can be told of it from here. */
export interface JitHeartbeatRecord extends JitHeartbeat {
  /** Whether that process runs on this machine. A number may have been given to another one since. */
  readonly running: boolean;
  /** Whether it was silent for two intervals or more: jit's own measure. */
  readonly stale: boolean;
}

/** A heartbeat that this process keeps up. */
export interface KeptHeartbeat extends AsyncDisposable {
  /** Ends it. Its file is removed with the last one of the agent in this process. Idempotent. */
  stop(): Promise<void>;
}

/** A heartbeat, and the name of the file that it was read from. */
type Found = DocumentSnapshot<JitHeartbeat> & { readonly name: string };

interface Beating {
  count: number;
  readonly timer: NodeJS.Timeout;
  /** What is written, one after the other. */
  written: Promise<unknown>;
}

/** The heartbeats of a repository. Each claim that is kept has one; agents that only read may keep one of their own. */
export class JitHeartbeats {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #context: () => Promise<ClaimContext>;
  readonly #everyMs: number;
  readonly #beating = new Map<string, Beating>();

  constructor(store: Store, clock: Clock, context: () => Promise<ClaimContext>, everyMs: number) {
    if (!(everyMs >= 1 && everyMs <= 2_147_483_647))
      throw new RangeError(`heartbeatMs must be from 1 to 2147483647 milliseconds, got ${everyMs}`);
    this.#store = store;
    this.#clock = clock;
    this.#context = context;
    this.#everyMs = everyMs;
  }

  /**
   * Says once that this process works for an agent. @throws {TypeError | UnsafePathError} no name that a file can have, or
   * another agent's differs from it in capitals alone.
   */
  async beat(agent: string): Promise<JitHeartbeat> {
    const document = heartbeatOf(this.#store, nameOfHeartbeat(agent));
    await refuseTwin(this.#store, nameOfHeartbeat(agent));
    const { worktreeId, branch } = await this.#context();
    const heartbeat: JitHeartbeat = {
      agent_id: agent,
      worktree_id: worktreeId,
      branch,
      pid: process.pid,
      last_beat: new Date(this.#clock.now()).toISOString(),
      interval_secs: Math.ceil(this.#everyMs / 1_000),
    };
    await overwrite(document, heartbeat);
    return heartbeat;
  }

  /** Says so now, and every `heartbeatMs` until it is stopped. Keeps no process alive. Throws as `beat`. */
  async keep(agent: string): Promise<KeptHeartbeat> {
    let beating = this.#beating.get(agent);
    if (beating === undefined) {
      const timer = setInterval(() => this.#again(agent), this.#everyMs).unref();
      beating = { count: 0, timer, written: Promise.resolve() };
      this.#beating.set(agent, beating);
      beating.written = this.beat(agent);
    }
    beating.count += 1;
    const mine = beating;
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => (stopped ??= this.#stop(agent, mine));
    try {
      await beating.written;
    } catch (error) {
      await stop();
      throw error;
    }
    return { stop, [Symbol.asyncDispose]: stop };
  }

  /**
   * All that there are. Files that are no heartbeats are passed over, as jit does, and of two whose names differ in capitals
   * alone, the second.
   */
  async list(): Promise<readonly JitHeartbeatRecord[]> {
    return (await this.#all()).map(({ value }) => this.#judge(value));
  }

  /**
   * Removes the heartbeats of processes that are gone, and returns them: end the claims of their agents with
   * `claims.releaseHolder`. One that another process of the agent renewed meanwhile stays.
   */
  async sweep(): Promise<readonly JitHeartbeatRecord[]> {
    const removed: JitHeartbeatRecord[] = [];
    for (const { name, value, revision } of await this.#all()) {
      const record = this.#judge(value);
      const isToGo = !record.running && isOwnFile(name, value.agent_id);
      if (isToGo && (await this.#remove(name, revision))) removed.push(record);
    }
    return removed;
  }

  #judge(value: JitHeartbeat): JitHeartbeatRecord {
    const silentMs = this.#clock.now() - Date.parse(value.last_beat);
    return { ...value, running: isRunning(value.pid), stale: silentMs >= 2_000 * value.interval_secs };
  }

  async #all(): Promise<readonly Found[]> {
    const names = await heartbeatNames(this.#store);
    const found = await Promise.all(
      names.map(async (name) => {
        const snapshot = await readUnlessTwin(this.#store, name);
        return snapshot === undefined ? undefined : { ...snapshot, name };
      }),
    );
    return found.filter((each) => each !== undefined);
  }

  #again(agent: string): void {
    const beating = this.#beating.get(agent);
    if (beating === undefined) return;
    beating.written = beating.written
      .then(() => this.beat(agent))
      .catch((error: unknown) => warn(agent, error));
  }

  async #stop(agent: string, beating: Beating): Promise<void> {
    beating.count -= 1;
    if (beating.count > 0) return;
    clearInterval(beating.timer);
    if (this.#beating.get(agent) === beating) this.#beating.delete(agent);
    await beating.written.catch(() => undefined);
    if (this.#beating.has(agent)) return; // kept anew meanwhile
    const name = nameOfHeartbeat(agent);
    const found = await readHeartbeat(heartbeatOf(this.#store, name)).catch(() => undefined);
    if (found?.value.pid !== process.pid || found.value.agent_id !== agent) return;
    await this.#remove(name, found.revision).catch((error: unknown) => warn(agent, error));
  }

  async #remove(name: string, revision: string): Promise<boolean> {
    try {
      return await heartbeatOf(this.#store, name).remove({ expectedRevision: revision });
    } catch (error) {
      if (error instanceof RevisionConflictError) return false; // somebody else's by now, or gone
      throw error;
    }
  }
}

/** @throws {UnsafePathError} another process's agent has the file already, where capitals do not count. */
async function refuseTwin(store: Store, name: string): Promise<void> {
  const twin = (await heartbeatNames(store)).find((each) => each !== name && fold(each) === fold(name));
  if (twin === undefined) return;
  const why = `${twin} differs from it in capitals alone: on many systems they are one file.`;
  throw new UnsafePathError(name, why);
}

function fold(name: string): string {
  return name.toLowerCase().normalize("NFC");
}

async function readUnlessTwin(
  store: Store,
  name: string,
): Promise<DocumentSnapshot<JitHeartbeat> | undefined> {
  try {
    return await readHeartbeat(heartbeatOf(store, name));
  } catch (error) {
    if (error instanceof UnsafePathError) return undefined;
    throw error;
  }
}

/** A heartbeat that cannot be written ends no work. */
export function warn(agent: string, error: unknown): void {
  process.emitWarning(`The heartbeat of ${agent} could not be kept: ${String(error)}`, "FlockworkWarning");
}
