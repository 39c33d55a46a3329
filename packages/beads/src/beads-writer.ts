import { UnsupportedError, type LayoutName, type LockLayout } from "@flockwork/core";
import type { BdBridge } from "./bd-bridge.ts";
import { checkClaim, isClaimFence } from "./claim-issue.ts";
import type { EraWatch } from "./era-watch.ts";
import { DoltEraError } from "./errors.ts";
import type { IssueLog, Work, WriteOptions } from "./issue-log.ts";
import { IssuesDraft, type ChangedIssue } from "./issues-draft.ts";
import type { BeadsReceipt } from "./receipt.ts";

/** Who else writes, and how. */
interface WriterPlace {
  readonly era: EraWatch | undefined;
  readonly bridge: BdBridge | undefined;
  readonly writes: "append" | "rewrite" | undefined;
  readonly layout: LockLayout | LayoutName;
}

type Way = "append" | "rewrite" | "bd";

/** Writes issues in the way that the neighbours of the file need. */
export class BeadsWriter {
  readonly #log: IssueLog;
  readonly #place: WriterPlace;

  constructor(log: IssueLog, place: WriterPlace) {
    const { writes } = place;
    if (writes !== undefined && writes !== "append" && writes !== "rewrite")
      throw new TypeError(`writes must be "append" or "rewrite", got ${JSON.stringify(writes)}`);
    this.#log = log;
    this.#place = place;
  }

  /** Works out a change under the lock and writes it. @param several - It may be of several issues. */
  async change<R>(
    work: Work<R>,
    options: WriteOptions,
    several = false,
  ): Promise<{ readonly value: R; readonly receipt: BeadsReceipt }> {
    const bounds = storeBounds(options);
    const fenced = (draft: IssuesDraft): R => {
      checkClaim(draft, options.fence);
      return work(draft);
    };
    switch (await this.#way()) {
      case "append":
        return told(await this.#log.append(fenced, bounds, several));
      case "rewrite":
        return told(await this.#log.rewrite(fenced, bounds));
      case "bd":
        return await this.#throughBd(work, options);
    }
  }

  /** Writes an issue without looking whether it is there, unless the fence of a claim is to be checked. */
  async put(changed: ChangedIssue, options: WriteOptions): Promise<BeadsReceipt> {
    if ((await this.#way()) !== "append" || isClaimFence(options.fence))
      return (await this.change((draft) => void draft.put(changed.text), options)).receipt;
    const { revision, durability } = await this.#log.appendBlindly([changed], storeBounds(options));
    return { revision, durability, changed: true, changedIds: [changed.issue.id] };
  }

  async compact(options: WriteOptions): Promise<BeadsReceipt> {
    if ((await this.#way()) === "bd") throw await this.#refusal();
    // It changes no issue: looking at the claim before is as good as under the lock.
    if (isClaimFence(options.fence)) await this.change(() => {}, options);
    const { revision, durability, changed } = await this.#log.compact(storeBounds(options));
    return { revision, durability, changed, changedIds: [] };
  }

  async #way(): Promise<Way> {
    const found = await this.#place.era?.look();
    if (found?.redirect !== undefined)
      throw new UnsupportedError(
        "Writing to a .beads directory that stands for another one",
        `its file redirect names ${found.redirect}; open resolveRedirect(directory)`,
      );
    if (found?.era === "dolt") return "bd";
    return this.#place.writes ?? (found?.oneLineEach === true ? "rewrite" : "append");
  }

  /** One of ours after the other: bd's import replaces what it knows by what the line says, whoever wrote that. */
  async #throughBd<R>(
    work: Work<R>,
    options: WriteOptions,
  ): Promise<{ readonly value: R; readonly receipt: BeadsReceipt }> {
    if (options.fence !== undefined)
      throw new UnsupportedError("A fence on a write through bd", "bd does not check it");
    const { bridge } = this.#place;
    if (bridge === undefined) throw await this.#refusal();
    return await this.#log.exclusively(async () => {
      const state = await bridge.exported();
      if (state === undefined) throw await this.#refusal();
      const draft = new IssuesDraft(state);
      const value = work(draft);
      const changed = [...draft.changed.values()];
      await bridge.importIssues(changed, state);
      return told({ value, changed, receipt: { revision: "bd", durability: "disk" } });
    }, options);
  }

  async #refusal(): Promise<DoltEraError> {
    const found = await this.#place.era?.look();
    return new DoltEraError("issues.jsonl", found?.why ?? "bd owns the data");
  }
}

/** The fence of a claim is checked against the issue itself; any other one is the store's to check. */
function storeBounds({ timeoutMs, signal, durability, fence }: WriteOptions): WriteOptions {
  return { timeoutMs, signal, durability, fence: isClaimFence(fence) ? undefined : fence };
}

function told<R>({
  value,
  changed,
  receipt,
}: {
  readonly value: R;
  readonly changed: readonly ChangedIssue[];
  readonly receipt: Pick<BeadsReceipt, "revision" | "durability">;
}): { readonly value: R; readonly receipt: BeadsReceipt } {
  const { revision, durability } = receipt;
  const changedIds = changed.map(({ issue }) => issue.id);
  return { value, receipt: { revision, durability, changed: changedIds.length > 0, changedIds } };
}
