import type { DomainOperation } from "./domain-operation.ts";
import { flowforgeOperations } from "./flowforge-tasks.ts";
import { jitOperations } from "./jit-issues.ts";
import { todo2Operations } from "./todo2-tasks.ts";

/** Every call that changes tasks, in each of the stores. */
export const tasksOperations: readonly DomainOperation[] = [
  ...flowforgeOperations,
  ...todo2Operations,
  ...jitOperations,
];
