import type { Clock, DocumentDraft, Fence, StoreDocument, WaitOptions } from "@flockwork/core";
import type { TaskConditions } from "./edit-task.ts";
import type { FlowForgeTask, FlowForgeTaskFile } from "./task.ts";

/** Bounds and conditions of one change of a task. */
export interface ChangeTaskOptions extends WaitOptions, TaskConditions {
  /** A lease of the same store, other than the task's own claim, under which the change is made. */
  readonly fence?: Fence | undefined;
}

/** What a change resolves to. */
export interface TaskReceipt {
  /** The task after it; as it was, where it was removed. */
  readonly task: FlowForgeTask;
  /** The fields that changed. None: nothing was written. */
  readonly changed: readonly string[];
  /** Names the content of the file after it. Computed when it is first asked for. */
  readonly revision: string;
  readonly durability: "disk" | "os";
}

/** How tasks are opened. */
export interface OpenTasksOptions {
  /** What tells the time to claims. Default: the machine's clocks. */
  readonly clock?: Clock | undefined;
}

/** An effect of a death, as registries take them. */
export interface TaskDeathEffect {
  readonly name: string;
  readonly members: { readonly tasks: StoreDocument<FlowForgeTaskFile> };
  run(death: { readonly id: string }, drafts: { readonly tasks: DocumentDraft<FlowForgeTaskFile> }): void;
}
