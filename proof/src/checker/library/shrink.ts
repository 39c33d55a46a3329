/**
 * Makes a wrong history short, in steps that cannot make a right one wrong: what is left is evidence against the system,
 * not an artefact of the cutting.
 *
 * Sound are: to stop the clock earlier; to forget an answer; to leave out what no remaining answer depends on.
 */
import { prefixUntil, withoutAnswer, type History, type Operation } from "./history.ts";
import { judge, type JudgeOptions } from "./linearize.ts";
import { anyMark, type Model } from "./model.ts";

/** A short part of a history of one key that is not linearizable, in order of begin. The history itself must not be. */
export function shrink<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  options: JudgeOptions = {},
): History<Input, Output> {
  const stepLimit = Math.min(options.stepLimit ?? shrinkStepLimit, shrinkStepLimit);
  const isWrong = (part: History<Input, Output>): boolean =>
    judge(model, part, { stepLimit }).verdict === "not linearizable";
  let left = shortestPrefix(history, isWrong);
  for (;;) {
    left = leaveOutAll(model, left, isWrong);
    // Forgetting answers makes the search hard, leaving out makes it easy again: one at a time.
    const weaker = firstStillWrong(left, (operation) => forgetAnswer(model, left, operation), isWrong);
    if (weaker === undefined) return left;
    left = weaker;
  }
}

/** Where a shorter history takes more steps than this to judge, the longer one is kept. */
const shrinkStepLimit = 50_000;

/** Leaves out what can be left out, beginning with what changed nothing. */
function leaveOutAll<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  isWrong: (part: History<Input, Output>) => boolean,
): History<Input, Output> {
  let left = history;
  const [changing, seeing] = [true, false].map((changes) =>
    history.filter(({ input, output }) => model.leaves(input, output).length > 0 === changes).toReversed(),
  );
  for (const operation of [...(seeing ?? []), ...(changing ?? [])]) {
    if (!left.includes(operation)) continue; // it went with its bundle
    const shorter = leaveOut(model, left, operation);
    if (shorter !== undefined && isWrong(shorter)) left = shorter;
  }
  return left.length < history.length ? leaveOutAll(model, left, isWrong) : left;
}

function firstStillWrong<Input, Output>(
  history: History<Input, Output>,
  cut: (operation: Operation<Input, Output>) => History<Input, Output> | undefined,
  isWrong: (part: History<Input, Output>) => boolean,
): History<Input, Output> | undefined {
  for (const operation of history.toReversed()) {
    const part = cut(operation);
    if (part !== undefined && isWrong(part)) return part;
  }
  return undefined;
}

/** Up to the first end at which no order explains the answers any more. */
function shortestPrefix<Input, Output>(
  history: History<Input, Output>,
  isWrong: (part: History<Input, Output>) => boolean,
): History<Input, Output> {
  const ends = history.map(({ endedAt }) => endedAt).filter((end) => end !== Infinity);
  ends.sort((one, other) => one - other);
  let [least, most] = [0, ends.length - 1];
  while (least < most) {
    const middle = (least + most) >>> 1;
    if (isWrong(prefixUntil(history, ends[middle] ?? Infinity))) most = middle;
    else least = middle + 1;
  }
  const prefix = prefixUntil(history, ends[least] ?? Infinity);
  return (isWrong(prefix) ? prefix : [...history]).toSorted((one, other) => one.begunAt - other.begunAt);
}

/** Undefined if an answer that stays depends on it. */
export function leaveOut<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  operation: Operation<Input, Output>,
): History<Input, Output> | undefined {
  const bundle = model.bundleOf?.(operation.input);
  const belongs = (other: Operation<Input, Output>): boolean =>
    other === operation || (bundle !== undefined && model.bundleOf?.(other.input) === bundle);
  const stays = history.filter((other) => !belongs(other));
  const marks = history.filter(belongs).flatMap(({ input, output }) => model.leaves(input, output));
  return areSeen(model, stays, marks) ? undefined : stays;
}

/** Undefined if it has none, or if somebody was told the same by it, such as its revision. */
export function forgetAnswer<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  operation: Operation<Input, Output>,
): History<Input, Output> | undefined {
  if (operation.output === undefined) return undefined;
  const kept = model.leaves(operation.input, undefined);
  const told = model.leaves(operation.input, operation.output).filter((mark) => !kept.includes(mark));
  const others = history.filter((other) => other !== operation);
  if (areSeen(model, others, told)) return undefined;
  return history.map((other) => (other === operation ? withoutAnswer(other) : other));
}

function areSeen<State, Input, Output>(
  { sees }: Model<State, Input, Output>,
  history: History<Input, Output>,
  marks: readonly string[],
): boolean {
  if (marks.length === 0) return false;
  return history.some(({ input, output }) => {
    const seen = sees(input, output);
    return seen === anyMark || seen.some((mark) => marks.includes(mark));
  });
}
