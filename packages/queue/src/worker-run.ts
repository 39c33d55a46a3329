import type { Fence } from "@flockwork/core";
import { checkPayload } from "./check-payload.ts";
import type { Claim } from "./claim.ts";
import { JobTimeoutError, PayloadInvalidError, UnrecoverableJobError } from "./errors.ts";
import type { PayloadSchema } from "./job-line.ts";
import type { Handler } from "./worker.ts";

/** What a handler is given beside its job. */
export interface RunContext<Payload = unknown, Result = unknown> {
  /** Aborts when the claim is lost, the job's time is up, or the worker stops: end the work, it will not count. */
  readonly signal: AbortSignal;
  /** For writes that must be refused once somebody else has the job. */
  readonly fence: Fence;
  /** Counted from 1. */
  readonly attempt: number;
  /** The claim itself: `context.claim.completeWith` completes the job in one commit with other changes. */
  readonly claim: Claim<Payload, Result>;
  /** Says how far the work has come: a JSON value. */
  readonly progress: (value: unknown) => Promise<void>;
  /** Adds a line to the job's history. */
  readonly log: (message: string) => Promise<void>;
}

interface RunParts<Payload> {
  readonly schema: PayloadSchema<Payload> | undefined;
  readonly onError: (error: unknown) => void;
}

/** A handler that does not end when its signal aborts is waited for this long. */
const abortedGraceMs = 5_000;

/** One attempt at a job, from claim to settlement. */
export class Run<Payload, Result> {
  /** Resolves when the claim has been settled or lost. Never rejects. */
  readonly ended: Promise<void>;
  readonly #claim: Claim<Payload, Result>;
  readonly #parts: RunParts<Payload>;
  readonly #controller = new AbortController();
  #isSettled = false;

  constructor(claim: Claim<Payload, Result>, handler: Handler<Payload, Result>, parts: RunParts<Payload>) {
    this.#claim = claim;
    this.#parts = parts;
    claim.renew();
    this.ended = this.#run(handler).catch(parts.onError);
  }

  /** The worker stops: the handler is told, and the job given back as if it had not been claimed. */
  async giveBack(): Promise<void> {
    this.#controller.abort(new Error("The worker stops: the job was given back"));
    await this.#settle(() => this.#claim.release());
    this.#controller.abort();
  }

  async #run(handler: Handler<Payload, Result>): Promise<void> {
    const claim = this.#claim;
    const { job } = claim;
    const lost = claim.signal;
    const signal = AbortSignal.any([lost, this.#controller.signal]);
    const { timeoutMs } = job;
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(
            () => this.#controller.abort(new JobTimeoutError(job.id, timeoutMs)),
            Math.min(timeoutMs, 2 ** 31 - 1),
          );
    try {
      const { schema } = this.#parts;
      if (schema !== undefined) await checkPayload(schema, job.payload);
      const context: RunContext<Payload, Result> = {
        signal,
        fence: claim.fence,
        attempt: job.attempts,
        claim,
        progress: (value) => claim.progress(value),
        log: (message) => claim.log(message),
      };
      const result = await endOf(() => handler(job, context), signal);
      signal.throwIfAborted();
      await this.#settle(() => claim.complete(result));
    } catch (error) {
      if (lost.aborted) return; // the job is somebody else's: nothing of this attempt counts
      const reason: unknown = this.#controller.signal.aborted ? this.#controller.signal.reason : error;
      const dead = reason instanceof UnrecoverableJobError || reason instanceof PayloadInvalidError;
      await this.#settle(() => claim.fail(reason, { unrecoverable: dead }));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Settles the claim, once, and goes on trying while it lasts: what was done must not be done again for a busy lock. */
  async #settle(settle: () => Promise<void>): Promise<void> {
    if (this.#isSettled) return;
    this.#isSettled = true;
    for (let tries = 1; ; tries += 1) {
      try {
        return await settle();
      } catch (error) {
        const { code } = error as { code?: unknown };
        if (code === "ERR_STALE_FENCING_TOKEN") return; // lost, or settled by the handler itself
        if (code !== "ERR_LOCK_TIMEOUT" && code !== "ERR_WRITE_FAILED") {
          this.#isSettled = false;
          throw error;
        }
        if (!this.#claim.held) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.min(50 * 2 ** tries, 2_000)));
      }
    }
  }
}

/** What a handler comes to; when its signal has aborted, it is not waited for for ever. */
async function endOf<Result>(handle: () => Result | Promise<Result>, signal: AbortSignal): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const givenUp = new Promise<never>((_, reject) => {
    onAbort = () => {
      timer = setTimeout(() => reject(signal.reason as Error), abortedGraceMs);
    };
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([(async () => await handle())(), givenUp]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
  }
}
