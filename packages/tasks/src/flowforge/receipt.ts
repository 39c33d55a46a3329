/** What a change of the list takes on its way to the document, and what it brings back. */
import type { Changed } from "../change-queue.ts";
import type { Edited } from "./edit-task.ts";
import type { ChangeTaskOptions, TaskReceipt } from "./options.ts";

export function receiptOf(edited: Edited, changed: Changed<unknown>): TaskReceipt {
  return {
    ...edited,
    durability: changed.durability,
    get revision() {
      return changed.revision;
    },
  };
}

export function waitOf({ timeoutMs, signal, fence }: ChangeTaskOptions = {}): Pick<
  ChangeTaskOptions,
  "timeoutMs" | "signal" | "fence"
> {
  return { timeoutMs, signal, fence };
}
