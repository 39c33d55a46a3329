import { type DocumentDraft, type Instant } from "@flockwork/core";
import type { ClaimProof, ClaimRefusal, ClaimRequest, Eviction } from "../claims/claims.ts";
import { checkClaimRequest, checkEviction } from "../claims/claims.ts";
import { claimOf, evictTask, grantTask, releaseTask } from "./claim-task.ts";
import {
  createTask,
  removeTask,
  updateTask,
  type Edited,
  type TaskChanges,
  type TaskConditions,
} from "./edit-task.ts";
import { TaskBoard } from "./task-board.ts";
import { taskFileName } from "./task-file.ts";
import type { FlowForgeTask, FlowForgeTaskFile, TaskFields, TaskId } from "./task.ts";

/** A claim that is granted once the `transact` has committed. */
export interface DraftedClaim extends ClaimProof {
  readonly granted: true;
  readonly taskId: TaskId;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/**
 * The calls of a task list on a draft, inside a store's `transact`: what they do is committed together with everything else that
 * the `transact` changes. They are synchronous, and throw as the calls of the list do.
 */
export class TaskDraft {
  readonly #board: TaskBoard;

  constructor(draft: DocumentDraft<FlowForgeTaskFile>, now: Instant) {
    this.#board = new TaskBoard(draft.draft, taskFileName, now);
  }

  create(fields: Partial<TaskFields> & { readonly id?: TaskId | undefined }): FlowForgeTask {
    return createTask(this.#board, fields).task;
  }

  update(id: TaskId, changes: TaskChanges, conditions: TaskConditions = {}): Edited {
    return updateTask(this.#board, id, changes, conditions);
  }

  remove(id: TaskId, conditions: TaskConditions = {}): FlowForgeTask {
    return removeTask(this.#board, id, conditions).task;
  }

  /** Claims a task. Nothing renews the claim: whoever goes on working does, with `claims.renew`. */
  claim(
    id: TaskId,
    request: Omit<ClaimRequest, "timeoutMs" | "signal" | "keep">,
  ): DraftedClaim | ClaimRefusal<TaskId> {
    checkClaimRequest(request);
    const granted = grantTask(this.#board, id, request);
    if ("granted" in granted) return granted;
    const { holder, token, expiresAt } = granted;
    return { granted: true, taskId: id, holder, token, expiresAt };
  }

  release(id: TaskId, proof: ClaimProof): void {
    releaseTask(this.#board, id, proof);
  }

  /** Ends the claims of a holder that is dead. @returns The ids of its tasks. */
  releaseHolder(holder: string, eviction: Eviction): readonly TaskId[] {
    checkEviction(eviction);
    const theirs = [...this.#board.byId.values()].filter(
      (task) => claimOf(task, this.#board.instant)?.holder === holder,
    );
    return theirs.flatMap((task) => (evictTask(this.#board, task, eviction) === undefined ? [] : [task.id]));
  }
}
