import { checkPositiveMs } from "../arguments.ts";
import { StaleGenerationError } from "../errors.ts";
import type { Registration } from "./agent.ts";

/** How the heart of a session beats. */
export interface SessionOptions {
  /** Milliseconds between heartbeats. Default: a third of `leaseMs`. */
  readonly heartbeatMs?: number | undefined;
}

/** The longest delay that a timer of Node takes. */
const longestTimerMs = 2 ** 31 - 1;

/** How often a heart beats. @throws {TypeError | RangeError} naming the option. */
export function heartbeatEvery({ heartbeatMs }: SessionOptions, leaseMs: number): number {
  const chosen = checkPositiveMs("heartbeatMs", heartbeatMs ?? checkPositiveMs("leaseMs", leaseMs) / 3);
  return Math.min(chosen, longestTimerMs);
}

/** What a session needs of its registry. */
interface Registry {
  heartbeat(id: string, generation: string): Promise<void>;
  unregister(id: string, generation: string): Promise<boolean>;
  updateAgentStatus(id: string, status: string, options: { readonly generation: string }): Promise<void>;
}

/**
 * A registration whose heart beats by itself. Its timer does not keep the process alive: one that ends without leaving is found
 * dead by the next sweep.
 */
export class AgentSession implements AsyncDisposable {
  readonly id: string;
  readonly generation: string;
  /** See {@link Registration.resumeToken}. */
  readonly resumeToken: string;
  readonly resumed: boolean;
  readonly #registry: Registry;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #left: Promise<boolean> | undefined;

  constructor(registry: Registry, registration: Registration, heartbeatMs: number) {
    const { id, generation, resumeToken, resumed } = registration;
    [this.id, this.generation, this.resumeToken, this.resumed] = [id, generation, resumeToken, resumed];
    this.#registry = registry;
    this.#timer = setInterval(() => void this.heartbeat().catch(ignore), heartbeatMs).unref();
  }

  /**
   * Aborts, with a `StaleGenerationError`, when a heartbeat, or a status that it sets, finds that the agent was declared dead or that a successor took its
   * id: what it owned is somebody else's now. Not when it leaves.
   */
  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Beats at once, beside the beats that come by themselves. Throws as `AgentRegistry.heartbeat`. */
  async heartbeat(): Promise<void> {
    await this.#asCurrent(this.#registry.heartbeat(this.id, this.generation));
  }

  /** Says what the agent is doing. @throws {StaleGenerationError} `ERR_STALE_GENERATION`, as `heartbeat`. */
  async setStatus(status: string): Promise<void> {
    const { id, generation } = this;
    await this.#asCurrent(this.#registry.updateAgentStatus(id, status, { generation }));
  }

  /** Unregisters. False when that registration was over already. Idempotent. */
  leave(): Promise<boolean> {
    clearInterval(this.#timer);
    this.#left ??= this.#registry.unregister(this.id, this.generation).catch((error: unknown) => {
      this.#left = undefined; // so that it can be tried again
      throw error;
    });
    return this.#left;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  async #asCurrent(act: Promise<void>): Promise<void> {
    try {
      await act;
    } catch (error) {
      // Anything else is tried again with the next beat.
      if (error instanceof StaleGenerationError && this.#left === undefined) this.#end(error);
      throw error;
    }
  }

  #end(error: StaleGenerationError): void {
    clearInterval(this.#timer);
    this.#lost.abort(error);
  }
}

function ignore(): void {}
