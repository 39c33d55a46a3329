import { deepEqual, equal, ok } from "node:assert/strict";
import { Program } from "../../harness/program.ts";
import type { LockOptions } from "../../harness/core.ts";
import type { PeerCommand } from "./peer.ts";

/** A way to hold locks, which every case is run with. */
export interface Backend {
  readonly name: string;
  readonly options: LockOptions;
  /** The binding of flock(2) to force. */
  readonly binding?: string;
  readonly shared: boolean;
}

/** What a case works with. */
export interface CaseContext {
  readonly directory: string;
  readonly options: LockOptions;
  /** Another process with the same backend. */
  readonly peer: () => Promise<Peer>;
}

/** One behaviour that every backend must have. */
export interface ContractCase {
  readonly name: string;
  /** Only for backends that can share. */
  readonly needsShared?: boolean;
  readonly run: (context: CaseContext) => Promise<void>;
}

/** A second process that obeys. */
export class Peer {
  readonly #program: Program;
  #killed = false;

  static async start(options: LockOptions): Promise<Peer> {
    const file = new URL("peer.ts", import.meta.url);
    const program = Program.node(file, [JSON.stringify(options)]);
    await program.expect("ready");
    return new Peer(program);
  }

  private constructor(program: Program) {
    this.#program = program;
  }

  tell(command: PeerCommand): Promise<string> {
    this.#program.tell(JSON.stringify(command));
    return this.#program.line();
  }

  get isAlive(): boolean {
    return !this.#killed;
  }

  /** Kills it and waits until it is gone. */
  async kill(): Promise<void> {
    this.#killed = true;
    this.#program.kill();
    await this.#program.exited;
  }
}

/** The error of a call that must fail. */
export async function errorOf(call: Promise<unknown>): Promise<Error & { readonly code?: unknown }> {
  try {
    await call;
  } catch (error) {
    ok(error instanceof Error, "it threw something that is no Error");
    return error;
  }
  throw new Error("it did not fail");
}

export { deepEqual, equal, ok };
