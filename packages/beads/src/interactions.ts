import { randomBytes } from "node:crypto";
import type { Durability, LayoutName, LockLayout, Store, StoreLog } from "@flockwork/core";
import { storeFence } from "./claim-issue.ts";
import type { WriteOptions } from "./issue-log.ts";
import type { OnDamage } from "./issue-view.ts";
import { interactionSchema, type Interaction } from "./neighbour-files.ts";
import type { BeadsReceipt } from "./receipt.ts";

/** Where a log of a `.beads` directory lies. */
export interface LogPlace {
  readonly name: string;
  readonly layout: LockLayout | LayoutName;
  readonly durability: Durability;
}

/** Where the interactions lie. */
export interface InteractionsPlace extends LogPlace {
  readonly onDamage: OnDamage;
}

/** An interaction to be noted; `id` and `created_at` are given where they are left out. */
export type NewInteraction = { readonly [K in keyof Interaction]?: Interaction[K] } & {
  readonly kind: Interaction["kind"];
};

/** `interactions.jsonl`: what models and tools were asked, and which fields changed. Only ever appended to. */
export class Interactions {
  readonly #log: StoreLog<Interaction>;

  constructor(store: Store, { onDamage, ...place }: InteractionsPlace) {
    const onCorrupt = onDamage === "keep" ? "keep" : "error";
    this.#log = store.log<Interaction>({ ...place, onCorrupt, schema: interactionSchema as never });
  }

  /**
   * Notes one interaction.
   * @throws {RecordInvalidError} `ERR_RECORD_INVALID`: nothing was written. Else as an append of a log.
   */
  async append(
    interaction: NewInteraction,
    { timeoutMs, signal, durability, fence }: WriteOptions = {},
  ): Promise<BeadsReceipt & { readonly interaction: Interaction }> {
    const noted = {
      ...interaction,
      id: interaction.id ?? `int-${randomBytes(16).toString("hex")}`,
      created_at: interaction.created_at ?? new Date().toISOString(),
    } as Interaction;
    const { id, kind, created_at: at, ...rest } = noted;
    const ordered = { id, kind, created_at: at, ...rest } as Interaction;
    const receipt = await this.#log.append(ordered, {
      timeoutMs,
      signal,
      durability,
      fence: storeFence(fence, "interactions.jsonl"),
    });
    const changedIds = noted.issue_id === undefined ? [] : [noted.issue_id];
    const { revision, changed, durability: reached } = receipt;
    return { revision, changed, durability: reached, changedIds, interaction: ordered };
  }

  /**
   * All of them, or those of one issue. Reading again costs only what was added.
   * @throws {LogCorruptError} `ERR_LOG_CORRUPT`, with the line: a line is damaged, and `onDamage` is `"error"`. See `repair`.
   */
  async list(issueId?: string): Promise<readonly Interaction[]> {
    const all = await this.#log.read();
    return issueId === undefined ? all : all.filter((each) => each.issue_id === issueId);
  }
}
