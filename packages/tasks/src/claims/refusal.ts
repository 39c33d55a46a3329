import type { ClaimRefusal } from "./claims.ts";

/** Says why a task was not granted. */
export function refuse<Id>(
  taskId: Id,
  reason: ClaimRefusal<Id>["reason"],
  facts: {
    readonly heldBy?: string | undefined;
    readonly until?: string | undefined;
    readonly why?: string | undefined;
  },
): ClaimRefusal<Id> {
  const { heldBy, until, why } = facts;
  const end = until === undefined ? "" : ` until ${until}`;
  const message = why ?? `task ${String(taskId)} already assigned to ${heldBy ?? "somebody"}${end}`;
  return { granted: false, taskId, reason, heldBy, until, message };
}
