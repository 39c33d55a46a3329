import {
  instantOf,
  type Clock,
  type DocumentDraft,
  type LogDraft,
  type Store,
  type StoreDocument,
  type StoreLock,
  type StoreLog,
  type StoreLogSink,
  type WaitOptions,
} from "@flockwork/core";
import { ClaimBoard, jitClaimRules, type ClaimContext } from "./claim-board.ts";
import { applyEntry, emptyState, indexOfClaims, type ClaimState, type JitClaimEntry } from "./claim-log.ts";
import type { ClaimsMeta } from "./claims-meta.ts";
import { jitLayout, jitText, jitTimeoutMs } from "./files.ts";

type ClaimsIndex = Readonly<Record<string, unknown>>;

/** What a registry does when an agent is dead, in the commit that ends it. */
export interface JitDeathEffect {
  readonly name: string;
  readonly members: { readonly log: StoreLog<JitClaimEntry>; readonly index: StoreDocument<ClaimsIndex> };
  run(death: { readonly id: string }, drafts: ClaimsDrafts): Promise<void>;
}

interface ClaimsDrafts {
  readonly log: LogDraft<JitClaimEntry>;
  readonly index: DocumentDraft<ClaimsIndex>;
}

/** jit's `claims.jsonl` and the index derived from it, under jit's lock. */
export class ClaimsFile {
  readonly #log: StoreLog<JitClaimEntry>;
  readonly #index: StoreDocument<ClaimsIndex>;
  readonly #lock: StoreLock;
  readonly #store: Store;
  readonly #clock: Clock | undefined;
  readonly #context: () => Promise<ClaimContext>;
  readonly #meta: ClaimsMeta;
  readonly #state: ClaimState = emptyState();
  readonly #cursor: ReturnType<StoreLog<JitClaimEntry>["cursor"]>;
  readonly #sink: StoreLogSink<JitClaimEntry>;

  constructor(
    store: Store,
    clock: Clock | undefined,
    context: () => Promise<ClaimContext>,
    meta: ClaimsMeta,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#context = context;
    this.#meta = meta;
    this.#log = store.log<JitClaimEntry>({ name: "claims.jsonl", layout: jitLayout, onCorrupt: "skip" });
    this.#index = store.document<ClaimsIndex>({
      name: "claims.index.json",
      ...jitText,
      layout: jitLayout,
      defaults: () => ({}),
      merge: "overwrite",
    });
    this.#lock = store.lock("claims.jsonl", { layout: jitLayout });
    this.#cursor = this.#log.cursor();
    this.#sink = {
      apply: (entry) => applyEntry(this.#state, entry),
      reset: () => Object.assign(this.#state, emptyState()),
    };
  }

  /** The claims as they are. Takes no lock. */
  async board(): Promise<ClaimBoard> {
    const context = await this.#context();
    await this.#cursor.advance(this.#sink);
    return new ClaimBoard(this.#state, instantOf(this.#clock), context);
  }

  /** Runs `work` while nobody is granted a claim, or loses one. */
  whileUnchanged<R>(work: (board: ClaimBoard) => R | Promise<R>, wait: WaitOptions): Promise<R> {
    return this.#lock.withRead(async () => {
      await this.#meta.clear();
      return await work(await this.board());
    }, wait);
  }

  /** Changes claims in one commit. Nothing of it remains when `work` throws. */
  async change<R>(
    work: (board: ClaimBoard) => R,
    { timeoutMs, signal }: WaitOptions,
  ): Promise<{ readonly value: R }> {
    const context = await this.#context();
    let meta: string | undefined;
    try {
      const { value } = await this.#store.transact(
        { log: this.#log, index: this.#index },
        async (drafts) => {
          meta = await this.#meta.begin();
          return this.#draft(work, drafts, context);
        },
        { timeoutMs: timeoutMs ?? jitTimeoutMs(), signal },
      );
      return { value };
    } finally {
      if (meta !== undefined) await this.#meta.end(meta);
    }
  }

  releaseOnDeath(holderOf: (death: { readonly id: string }) => string): JitDeathEffect {
    const eviction = { by: "registry", reason: "the agent is dead" };
    return {
      name: "jit: release claims",
      members: { log: this.#log, index: this.#index },
      run: async (death, drafts) => {
        const holder = holderOf(death);
        await this.#meta.clear();
        const release = (board: ClaimBoard): void => {
          for (const record of jitClaimRules.records(board))
            if (record.holder === holder) jitClaimRules.evict(board, record.taskId, eviction);
        };
        await this.#draft(release, drafts, await this.#context());
      },
    };
  }

  async #draft<R>(
    work: (board: ClaimBoard) => R,
    { log, index }: ClaimsDrafts,
    context: ClaimContext,
  ): Promise<R> {
    await log.advance(this.#cursor, this.#sink);
    const board = new ClaimBoard(this.#state, instantOf(this.#clock), context);
    const result = work(board);
    if (board.added.length > 0) {
      log.append(...board.added);
      index.replace(indexOfClaims(board.state, board.nowMs));
    }
    return result;
  }
}
