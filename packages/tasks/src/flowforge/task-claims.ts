import type { Claim, ClaimRequest } from "../claims/claims.ts";
import type { ClaimPlace, ClaimRules } from "../claims/claim-rules.ts";
import { StoreClaims } from "../claims/store-claims.ts";
import { claimOf, evictTask, grantTask, hasNextToken, releaseTask, renewTask } from "./claim-task.ts";
import { readyTasks } from "./queries.ts";
import type { TaskBoard } from "./task-board.ts";
import type { TaskId } from "./task.ts";

/** A claim lies in its task, and is changed together with it. */
const rules: ClaimRules<TaskId, TaskBoard> = {
  grant: grantTask,
  renew: renewTask,
  release: releaseTask,
  evict: (board, id, eviction) =>
    evictTask(
      board,
      board.require(id, () => `release task ${id}`),
      eviction,
    ),
  records: (board, id) => {
    const tasks = id === undefined ? board.file.tasks : [board.get(id)];
    return tasks.flatMap((task) => (task && claimOf(task, board.instant)) ?? []);
  },
};

/** The claims of a FlowForge file. */
export class TaskClaims extends StoreClaims<TaskId, TaskBoard> {
  constructor(place: ClaimPlace<TaskBoard>) {
    super(rules, place);
  }

  /**
   * Claims the most urgent task that is ready, those among them that others let expire. Undefined where there is none.
   * Throws as `claim`.
   */
  async claimNext(request: ClaimRequest): Promise<Claim<TaskId> | undefined> {
    const wait = this.checked(request);
    const { value } = await this.place.submit((board) => {
      for (const record of rules.records(board))
        if (record.state === "expired") rules.evict(board, record.taskId, undefined);
      for (const { id } of readyTasks(board.file)) {
        if (!hasNextToken(board, id)) continue; // it cannot be granted: to ask for it says so
        const granted = rules.grant(board, id, request);
        if (!("granted" in granted)) return { id, granted };
      }
      return undefined;
    }, wait);
    return value && this.hold(value.id, value.granted, request);
  }
}
