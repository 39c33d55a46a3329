import type { Drafts, LogDraft, Store, StoreLog, StoreMembers } from "@flockwork/core";
import type { ClaimCalls } from "./claim.ts";
import * as settle from "./decide/settle-claim.ts";
import type { QueueEngine } from "./engine.ts";
import { checkMs, type QueueSettings } from "./queue-options.ts";

interface Parts {
  readonly store: Store;
  readonly engine: QueueEngine;
  readonly events: StoreLog<unknown>;
  readonly settings: Pick<QueueSettings<unknown>, "clock" | "random">;
}

/** The events of the queue go by a name that no member of the caller's has. */
const own = "@flockwork/queue";

/** What claims ask of their queue. Async, so that whatever is wrong with an argument rejects. */
export function claimCalls({ store, engine, events, settings }: Parts): ClaimCalls {
  const { clock, random } = settings;
  return {
    clock,
    extend: async (claim, leaseMs) => {
      checkMs("leaseMs", leaseMs);
      await engine.change((decisions) => settle.extend(decisions, claim, leaseMs));
    },
    complete: (claim, result) => engine.change((decisions) => settle.complete(decisions, claim, result)),
    fail: (claim, failure) => engine.change((decisions) => settle.fail(decisions, claim, failure, random)),
    release: (claim, delayMs) => engine.change((decisions) => settle.release(decisions, claim, delayMs)),
    progress: (claim, value) => engine.change((decisions) => settle.progress(decisions, claim, value)),
    log: async (claim, message) => {
      if (typeof message !== "string") throw new TypeError("message must be a string");
      await engine.change((decisions) => settle.log(decisions, claim, message));
    },
    completeWith: async (claim, members, work) => {
      const all: StoreMembers = { ...members, [own]: events };
      const committed = store.transact(all, async (drafts: Drafts<StoreMembers>) => {
        const { [own]: draft, ...others } = drafts as Readonly<Record<string, unknown>>;
        const log = draft as LogDraft<unknown>;
        await engine.within(log, (decisions) => settle.checkClaim(decisions, claim, "complete"));
        const result = await work(others);
        await engine.within(log, (decisions) => settle.complete(decisions, claim, result));
        return result;
      });
      try {
        return (await committed).value;
      } catch (error) {
        engine.distrust();
        throw error;
      } finally {
        engine.doorbell.ring();
      }
    },
  };
}
