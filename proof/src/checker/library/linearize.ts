/**
 * Linearizability after Wing and Gong, with Lowe's memory of states: is there an order of the operations, each taking
 * effect between its begin and its end, in which everybody was answered what they were answered?
 *
 * An operation may come next if its begin is before the first end that is left. Operations without an answer never end:
 * they may take effect late, or not at all. Keys are judged apart, which turns one huge search into many small ones.
 */
import { linkEvents, relink, unlink, type Event } from "./event-list.ts";
import { checkHistory, type History } from "./history.ts";
import type { Model } from "./model.ts";

export type Verdict = "linearizable" | "not linearizable" | "unknown";

/** How one key was judged. */
export interface Part<Input, Output> {
  readonly key: string;
  readonly verdict: Verdict;
  readonly history: History<Input, Output>;
  /** An order that explains all answers, or else the longest one found before it broke off. */
  readonly order: History<Input, Output>;
  /** Events looked at. */
  readonly steps: number;
}

export interface Judgement<Input, Output> {
  /** `not linearizable` if one part is, else `unknown` if one part hit the step limit. */
  readonly verdict: Verdict;
  readonly steps: number;
  /** The part that decided the verdict, unless all is well. */
  readonly culprit: Part<Input, Output> | undefined;
  readonly parts: readonly Part<Input, Output>[];
}

export interface JudgeOptions {
  /** Steps for one key, after which its verdict is `unknown`. Default 1,000,000: a few seconds, some hundred MiB. */
  readonly stepLimit?: number | undefined;
}

const defaultStepLimit = 1_000_000;

/**
 * Judges a history against a model.
 * @throws {RangeError} if an operation has no begin, ends before it, or has an answer without an end.
 */
export function judge<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  { stepLimit = defaultStepLimit }: JudgeOptions = {},
): Judgement<Input, Output> {
  checkHistory(history);
  const parts = [...partition(model, history)].map(([key, part]) => judgePart(model, key, part, stepLimit));
  const steps = parts.reduce((sum, part) => sum + part.steps, 0);
  const culprit =
    parts.find(({ verdict }) => verdict === "not linearizable") ??
    parts.find(({ verdict }) => verdict === "unknown");
  return { verdict: culprit?.verdict ?? "linearizable", steps, culprit, parts };
}

function partition<State, Input, Output>(
  { keyOf = () => "" }: Model<State, Input, Output>,
  history: History<Input, Output>,
): ReadonlyMap<string, History<Input, Output>> {
  return Map.groupBy(history, ({ input }) => keyOf(input));
}

function judgePart<State, Input, Output>(
  model: Model<State, Input, Output>,
  key: string,
  history: History<Input, Output>,
  stepLimit: number,
): Part<Input, Output> {
  const list = linkEvents(history);
  const seen = new SeenStates(history.length);
  const stack: { readonly event: Event<Input, Output>; readonly state: State }[] = [];
  let longest: History<Input, Output> = [];
  let left = history.filter(({ endedAt }) => endedAt !== Infinity).length;
  let state = model.initial;
  let steps = 0;
  let at = list.after;
  const noteLongest = (): void => {
    if (stack.length > longest.length) longest = stack.map(({ event }) => event.operation);
  };
  const end = (verdict: Verdict): Part<Input, Output> => {
    noteLongest();
    return { key, verdict, history, order: longest, steps };
  };
  while (left > 0) {
    if ((steps += 1) > stepLimit) return end("unknown");
    if (at?.isBegin === true) {
      const next = model.step(state, at.operation.input, at.operation.output);
      if (next === undefined || !seen.add(at.index, model.fingerprint(next))) {
        at = at.after;
        continue;
      }
      stack.push({ event: at, state });
      state = next;
      if (at.end !== undefined) left -= 1;
      unlink(list, at);
      at = list.after;
      continue;
    }
    // An end that nothing explains yet, or the end of the list: the last choice was wrong.
    noteLongest();
    const last = stack.pop();
    if (last === undefined) return end("not linearizable");
    relink(list, last.event);
    seen.takeBack(last.event.index);
    if (last.event.end !== undefined) left += 1;
    state = last.state;
    at = last.event.after;
  }
  return end("linearizable");
}

/** Sixteen operations, all of them taken. */
const full = 0xffff;

/** Which operations have been taken, and where taking them has led before. */
class SeenStates {
  readonly #taken: Uint16Array;
  readonly #seen = new Set<string>();
  /** The words before are full, and those behind empty: what lies between says which operations are taken. */
  #first = 0;
  #last = 0;

  constructor(operations: number) {
    this.#taken = new Uint16Array(Math.ceil(operations / 16));
  }

  /** Takes an operation; false, and nothing taken, if the same operations have led to the same state before. */
  add(index: number, fingerprint: string): boolean {
    this.takeBack(index);
    const between = String.fromCharCode(...this.#taken.subarray(this.#first, this.#last + 1));
    const key = `${this.#first}:${between}${fingerprint}`;
    if (this.#seen.has(key)) {
      this.takeBack(index);
      return false;
    }
    this.#seen.add(key);
    return true;
  }

  /** Flips one operation: taken or not. */
  takeBack(index: number): void {
    const word = index >>> 4;
    this.#taken[word] = (this.#taken[word] ?? 0) ^ (1 << (index & 15));
    this.#first = Math.min(this.#first, word);
    while (this.#taken[this.#first] === full) this.#first += 1;
    this.#last = Math.max(this.#last, word);
    while (this.#last > this.#first && this.#taken[this.#last] === 0) this.#last -= 1;
  }
}
