/**
 * What clients did to a system, as they saw it: the matter every checker here judges.
 *
 * All times come from one monotonic clock, in any unit. Leave out operations that certainly did not happen: a refused
 * connection, a lock that was asked for and given up.
 */
export interface Operation<Input, Output> {
  /** Who did it, for people. One client may have several operations under way. */
  readonly client: string;
  readonly input: Input;
  /** What it was answered; undefined when no answer came: it may take effect at any time after its begin, or never. */
  readonly output: Output | undefined;
  /** Just before it was sent. */
  readonly begunAt: number;
  /** Just after it was answered; Infinity when no answer came. */
  readonly endedAt: number;
}

/** Operations in any order. */
export type History<Input, Output> = readonly Operation<Input, Output>[];

/** Makes sure that a history can be judged at all. @throws {RangeError} names the operation that cannot be. */
export function checkHistory(history: History<unknown, unknown>): void {
  history.forEach(({ client, output, begunAt, endedAt }, at) => {
    const who = `operation ${at} (of ${client})`;
    if (!Number.isFinite(begunAt)) throw new RangeError(`${who} has no time at which it began`);
    if (!(endedAt >= begunAt)) throw new RangeError(`${who} ends before it begins`);
    if ((output === undefined) !== (endedAt === Infinity)) {
      throw new RangeError(
        `${who} must have an answer and an end, or neither (output undefined, endedAt Infinity)`,
      );
    }
  });
}

/** The same operation, as if its answer had never come. */
export function withoutAnswer<Input, Output>(operation: Operation<Input, Output>): Operation<Input, Output> {
  return { ...operation, output: undefined, endedAt: Infinity };
}

/** What was seen up to an instant: later operations are gone, unfinished ones have no answer yet. */
export function prefixUntil<Input, Output>(
  history: History<Input, Output>,
  instant: number,
): History<Input, Output> {
  return history
    .filter(({ begunAt }) => begunAt <= instant)
    .map((operation) => (operation.endedAt <= instant ? operation : withoutAnswer(operation)));
}
