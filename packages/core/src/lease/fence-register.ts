/**
 * The highest fencing token a store has seen of each lease, in a document of its own, since the files themselves have formats
 * that leave no room for it.
 *
 * A write under a lease is checked while the lock of what it changes is held, and a token that is new is written down before
 * the change is. Nothing else is needed to make the check atomic with the write: a later write of the same file waits for the
 * lock and then reads at least that token; a crash in between leaves a token that was granted, and refuses only those before it.
 * The lock of the register is taken last and nothing is taken inside it.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { DeepReadonly } from "../document/deep-readonly.ts";
import { isObject } from "../is-object.ts";
import type { WaitOptions } from "../options.ts";
import type { Fence } from "./fence.ts";
import { compareFencingTokens, highestFencingToken, isFencingToken } from "./fencing-token.ts";
import { StaleFencingTokenError } from "./lease-errors.ts";
import { checkLeaseName } from "./lease-name.ts";

/** The content of the register. */
export interface FencingTokens {
  /** The highest token among those that were dropped to bound the register. */
  floor?: string | undefined;
  /** Lease name → the highest token seen. */
  tokens: Record<string, string>;
}

/** What a register needs of the document it lies in: `JsonDocument` and `StoreDocument` have it. */
export interface FencingTokensDocument {
  read(): Promise<DeepReadonly<FencingTokens>>;
  update(recipe: (draft: FencingTokens) => void, options?: WaitOptions): Promise<unknown>;
}

const schema: StandardSchemaV1<FencingTokens> = {
  "~standard": {
    version: 1,
    vendor: "flockwork",
    validate: (value) =>
      isFencingTokens(value)
        ? { value }
        : { issues: [{ message: "a register of fencing tokens is { floor?, tokens: { name: token } }" }] },
  },
};

/** The document of a store that holds its register: a spec for `store.document`. */
export const fencingTokens: {
  readonly name: string;
  readonly schema: StandardSchemaV1<FencingTokens>;
  readonly defaults: () => FencingTokens;
} = { name: ".flockwork/fencing-tokens.json", schema, defaults: () => ({ tokens: {} }) };

/** Names remembered; beyond it the older half is dropped, and whoever comes with a token as old as those is refused. */
const mostNames = 10_000;

/** Checks the fences of writes, and learns of grants. Stateless but for the document's cache. */
export class FenceRegister {
  readonly #document: FencingTokensDocument;
  readonly #mostNames: number;

  constructor(document: FencingTokensDocument, options: { readonly mostNames?: number } = {}) {
    this.#document = document;
    this.#mostNames = options.mostNames ?? mostNames;
  }

  /**
   * Admits a write under a lease. Call it while holding the lock of what is to be written, before that is written; and
   * `fence.assertHeld?.()` once more right before the change becomes visible.
   *
   * @param wait - Bounds the wait for the lock of the register, which only a token that is new here needs.
   * @throws {StaleFencingTokenError} `ERR_STALE_FENCING_TOKEN`: a higher token was granted, or has written here.
   * @throws {LeaseLostError} `ERR_LEASE_LOST`: the lease is this process's, and lost by its own clock.
   * @throws {RangeError} the token is longer than 30 digits, and was not entered by a grant.
   * @throws as an update of a document: then nothing may be written.
   */
  async check(fence: Fence, wait: WaitOptions = {}): Promise<void> {
    checkFence(fence);
    fence.assertHeld?.();
    try {
      const known = await this.#document.read();
      refuseStale(known, fence);
      if (known.tokens[fence.name] === fence.token) return;
      refuseUngranted(fence);
      await this.#document.update((draft) => {
        refuseStale(draft, fence);
        this.#set(draft, fence);
      }, wait);
    } catch (error) {
      if (error instanceof StaleFencingTokenError) {
        fence.assertHeld?.(); // a holder that was stopped since it was asked knows by its clock
        fence.lose?.(error);
      }
      throw error;
    }
  }

  /**
   * Learns of a grant: from now on every older token is refused, whether or not the new holder has written yet.
   * @param wait - Bounds the wait for the lock of the register.
   * @throws {StaleFencingTokenError} `ERR_STALE_FENCING_TOKEN`: a token as high is known. The grant must not be used.
   */
  async enter(fence: Fence, wait: WaitOptions = {}): Promise<void> {
    checkFence(fence);
    await this.#document.update((draft) => {
      const known = highestOf(draft, fence.name);
      if (known !== undefined && compareFencingTokens(fence.token, known) <= 0)
        throw staleError(fence, known);
      this.#set(draft, fence);
    }, wait);
  }

  /** The token that the next grant of a lease must exceed. Undefined where none is known. */
  async highest(name: string): Promise<string | undefined> {
    return highestOf(await this.#document.read(), checkLeaseName(name));
  }

  #set(draft: FencingTokens, { name, token }: Fence): void {
    draft.tokens[name] = token;
    const entries = Object.entries(draft.tokens);
    if (entries.length <= this.#mostNames) return;
    const newestFirst = entries.toSorted(([, a], [, b]) => compareFencingTokens(b, a));
    const dropped = newestFirst.slice(Math.ceil(this.#mostNames / 2));
    draft.floor = highestFencingToken([draft.floor, ...dropped.map(([, each]) => each)]);
    for (const [each] of dropped) delete draft.tokens[each];
  }
}

/** Checks a fence where it enters. @throws {TypeError} naming what is wrong. */
export function checkFence(fence: Fence): void {
  if (typeof fence !== "object" || fence === null)
    throw new TypeError("fence must be an object { name, token }");
  checkLeaseName(fence.name);
  if (!isFencingToken(fence.token))
    throw new TypeError("fence.token must be a fencing token: a decimal string");
}

/** What a token of this lease must not be lower than: the highest seen, or the highest of those that were dropped. */
function highestOf(content: DeepReadonly<FencingTokens>, name: string): string | undefined {
  return Object.hasOwn(content.tokens, name) ? content.tokens[name] : content.floor;
}

function refuseStale(content: DeepReadonly<FencingTokens>, fence: Fence): void {
  const known = highestOf(content, fence.name);
  if (known !== undefined && compareFencingTokens(fence.token, known) < 0) throw staleError(fence, known);
}

/** Longer tokens than this come from grants that were entered. So no write can leave the next grant without a token. */
const longestUnknownToken = 30;

function refuseUngranted({ token }: Fence): void {
  if (token.length > longestUnknownToken)
    throw new RangeError(
      `fence.token must be a token that was granted: the store knows of no such grant, and more than ${longestUnknownToken} digits ` +
        "are accepted of none that it does not know. Nothing was written",
    );
}

function staleError({ name, token }: Fence, known: string): StaleFencingTokenError {
  return new StaleFencingTokenError(name, token, known, `write under the lease ${name}`);
}

function isFencingTokens(value: unknown): value is FencingTokens {
  if (!isObject(value)) return false;
  const { floor, tokens } = value;
  if (floor !== undefined && !isFencingToken(floor)) return false;
  return isObject(tokens) && Object.values(tokens).every(isFencingToken);
}
