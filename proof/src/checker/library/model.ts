/**
 * What a system would do if it were alone in the world: the sequential specification a history is held against.
 *
 * States are values: `step` returns a new one. A model of many independent keys describes one key and names it with
 * `keyOf`; a history is linearizable exactly if its part for each key is (Herlihy and Wing's locality).
 */
export interface Model<State, Input, Output> {
  readonly name: string;
  readonly initial: State;
  /**
   * The state after an operation that took effect in `state`, or undefined if it could not have been answered this way.
   * Without an answer (`undefined`) anything it may have done must follow from the state alone.
   */
  readonly step: (state: State, input: Input, output: Output | undefined) => State | undefined;
  /** Equal for equal states, different for different ones. */
  readonly fingerprint: (state: State) => string;
  /** The independent part of the system that the operation is about. Default: there is one. */
  readonly keyOf?: (input: Input) => string;
  /**
   * The marks an operation leaves for others to see, such as the unique value it wrote; none if it changes nothing.
   * Only to shorten a counter-example: a history in which marks repeat is judged rightly, but shown longer than need be.
   */
  readonly leaves: (input: Input, output: Output | undefined) => readonly string[];
  /** The marks of others its answer depends on, or `anyMark` if it would be another answer without something unnamed. */
  readonly sees: (input: Input, output: Output | undefined) => readonly string[] | typeof anyMark;
  /** Operations that can be left out of a history only together, such as a lock's acquire and release. Default: none. */
  readonly bundleOf?: (input: Input) => string;
  /** For people: `update "a" to "b"`. */
  readonly tell: (input: Input, output: Output | undefined) => string;
  /** For people: `holds "a"`. */
  readonly tellState: (state: State) => string;
}

/** An answer that depends on operations it cannot name. */
export const anyMark = "any";
