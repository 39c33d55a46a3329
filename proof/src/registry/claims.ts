import type { Store, StoreDocument, StoreLog } from "@flockwork/core";
import type { DeathEffect } from "@flockwork/registry";

/** Task → the agent that claimed it. */
export interface Claims {
  tasks: Record<string, string>;
}

export function claimsOf(store: Store): StoreDocument<Claims> {
  return store.document<Claims>({ name: "claims.json", defaults: () => ({ tasks: {} }), durability: "os" });
}

export function auditOf(store: Store): StoreLog<{ readonly id: string }> {
  return store.log<{ readonly id: string }>({ name: "audit.jsonl", durability: "os" });
}

/** Releases what the dead had claimed, and writes it down: a document and a log, in the commit of the eviction. */
export function releasing(store: Store): DeathEffect<{
  readonly claims: StoreDocument<Claims>;
  readonly audit: StoreLog<{ readonly id: string }>;
}> {
  return {
    name: "release",
    members: { claims: claimsOf(store), audit: auditOf(store) },
    run({ id }, { claims: { draft }, audit }) {
      for (const [task, owner] of Object.entries(draft.tasks)) if (owner === id) delete draft.tasks[task];
      audit.append({ id });
    },
  };
}
