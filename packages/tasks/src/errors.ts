import { StoreError } from "@flockwork/core";

/** No task, issue or gate of that id. Nothing was changed. */
export class TaskNotFoundError extends StoreError {
  readonly code = "ERR_TASK_NOT_FOUND";
  readonly id: string;

  constructor(
    attempt: string,
    id: number | string,
    where: string,
    hint = "List the ids, or create it first.",
  ) {
    super(`Cannot ${attempt}: ${where} has no ${JSON.stringify(id)}. Nothing was changed. ${hint}`);
    this.id = String(id);
  }
}

/** That id is taken. Nothing was changed. */
export class TaskExistsError extends StoreError {
  readonly code = "ERR_TASK_EXISTS";
  readonly id: string;

  constructor(id: number | string, where: string) {
    super(
      `Cannot create ${JSON.stringify(id)}: ${where} has it already. Nothing was changed. Leave the id out, or update it.`,
    );
    this.id = String(id);
  }
}

/** A task cannot go from the state it is in to the one that was asked for. Nothing was changed. */
export class TaskTransitionError extends StoreError {
  readonly code = "ERR_TASK_TRANSITION";
  readonly id: string;
  readonly from: string;
  readonly to: string;

  constructor(id: number | string, from: string, to: string, why: string) {
    super(`Cannot move ${JSON.stringify(id)} from ${from} to ${to}: ${why}. Nothing was changed.`);
    this.id = String(id);
    this.from = from;
    this.to = to;
  }
}

/** The change would make tasks wait for each other. Nothing was changed. */
export class DependencyCycleError extends StoreError {
  readonly code = "ERR_DEPENDENCY_CYCLE";
  /** The ids along the cycle; the first is the last too. */
  readonly cycle: readonly string[];

  constructor(cycle: readonly string[], where: string) {
    super(
      `Refusing a dependency in ${where}: ${cycle.join(" → ")} would wait for each other for ever. ` +
        "Nothing was changed. Remove one of them.",
    );
    this.cycle = cycle;
  }
}

/** The task is not as the caller expected: somebody changed it meanwhile. Nothing was changed. */
export class TaskConflictError extends StoreError {
  readonly code = "ERR_TASK_CONFLICT";
  readonly id: string;
  /** What the caller expected, and what was found: a version, or the value of a field. */
  readonly expected: unknown;
  readonly actual: unknown;

  constructor(id: number | string, field: string, expected: unknown, actual: unknown) {
    super(
      `${JSON.stringify(id)} has changed: expected ${field} ${JSON.stringify(expected)}, found ${JSON.stringify(actual)}. ` +
        "Nothing was changed. Read it again and repeat the change.",
    );
    this.id = String(id);
    this.expected = expected;
    this.actual = actual;
  }
}

/** Somebody else holds the task, and the change came without their claim. Nothing was changed. */
export class TaskClaimedError extends StoreError {
  readonly code = "ERR_TASK_CLAIMED";
  readonly id: string;
  readonly heldBy: string;

  constructor(id: number | string, heldBy: string, until: string | undefined) {
    super(
      `${JSON.stringify(id)} is claimed by ${heldBy}${until === undefined ? "" : ` until ${until}`}. Nothing was changed. ` +
        "Wait for its release, pass the claim with the change, or say force: true.",
    );
    this.id = String(id);
    this.heldBy = heldBy;
  }
}

/** A file, a database or its content is not what this package works on. It was left as it is. */
export class TaskFormatError extends StoreError {
  readonly code = "ERR_TASK_FORMAT";

  constructor(where: string, why: string, options?: ErrorOptions) {
    super(`${where} ${why}. Nothing was changed.`, options);
  }
}
