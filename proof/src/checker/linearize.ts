/**
 * Linearizability after Wing and Gong, with Lowe's memory of states: is there an order of the operations, each taking effect
 * between its begin and its end, in which everybody saw what they saw?
 *
 * Begins and ends stand in one list in time order. An operation may come next if its begin is before the first end that is
 * left. Operations without an answer never end: they may take effect late, or not at all.
 */
import { apply, byKey, initialValue, type History, type Operation } from "./history.ts";

export type Verdict = "linearizable" | "not linearizable" | "undecided";

export interface Judgement {
  readonly verdict: Verdict;
  /** The register that could not be explained. */
  readonly key?: string;
  readonly steps: number;
}

const defaultStepLimit = 2_000_000;

/** Judges each register apart. @param stepLimit - Steps for one register, after which the answer is "undecided". */
export function judge(history: History, stepLimit: number = defaultStepLimit): Judgement {
  let steps = 0;
  let undecided: string | undefined;
  for (const [key, part] of byKey(history)) {
    const judged = judgeRegister(part, stepLimit);
    steps += judged.steps;
    if (judged.verdict === "not linearizable") return { verdict: judged.verdict, key, steps };
    if (judged.verdict === "undecided") undecided ??= key;
  }
  if (undecided !== undefined) return { verdict: "undecided", key: undecided, steps };
  return { verdict: "linearizable", steps };
}

/** An event in the doubly linked list; `end` of a begin is its operation's end, if it has one. */
interface Event {
  readonly index: number;
  readonly operation: Operation;
  readonly isBegin: boolean;
  end: Event | undefined;
  before: Event | undefined;
  after: Event | undefined;
}

function judgeRegister(operations: History, stepLimit: number): Judgement {
  const head = linkEvents(operations);
  const answered = operations.filter(({ endedAt }) => endedAt !== Infinity).length;
  const taken = new Uint8Array(operations.length);
  const seen = new Set<string>();
  const stack: { readonly event: Event; readonly value: string }[] = [];
  let value = initialValue;
  let answeredTaken = 0;
  let steps = 0;
  let at = head.after;
  while (answeredTaken < answered) {
    if ((steps += 1) > stepLimit) return { verdict: "undecided", steps };
    if (at !== undefined && at.isBegin) {
      const next = apply(value, at.operation);
      taken[at.index] = 1;
      if (next !== undefined && remember(seen, taken, next)) {
        stack.push({ event: at, value });
        value = next;
        if (at.end !== undefined) answeredTaken += 1;
        unlink(at);
        at = head.after;
      } else {
        taken[at.index] = 0;
        at = at.after;
      }
      continue;
    }
    // An end that nothing explains yet, or the end of the list: the last choice was wrong.
    const last = stack.pop();
    if (last === undefined) return { verdict: "not linearizable", steps };
    relink(last.event);
    taken[last.event.index] = 0;
    if (last.event.end !== undefined) answeredTaken -= 1;
    value = last.value;
    at = last.event.after;
  }
  return { verdict: "linearizable", steps };
}

/** False when the same operations have led to the same value before. */
function remember(seen: Set<string>, taken: Uint8Array, value: string): boolean {
  const state = `${Buffer.from(taken.buffer, taken.byteOffset, taken.length).toString("latin1")}|${value}`;
  if (seen.has(state)) return false;
  seen.add(state);
  return true;
}

function linkEvents(operations: History): Event {
  const events: { readonly time: number; readonly event: Event }[] = [];
  operations.forEach((operation, index) => {
    const begin: Event = {
      index,
      operation,
      isBegin: true,
      end: undefined,
      before: undefined,
      after: undefined,
    };
    events.push({ time: operation.begunAt, event: begin });
    if (operation.endedAt === Infinity) return;
    begin.end = { index, operation, isBegin: false, end: undefined, before: undefined, after: undefined };
    events.push({ time: operation.endedAt, event: begin.end });
  });
  // At one instant begins go first: operations that touch may have overlapped.
  events.sort(
    (one, other) => one.time - other.time || Number(other.event.isBegin) - Number(one.event.isBegin),
  );
  const head: Event = { ...(events[0]?.event as Event), before: undefined, after: undefined };
  let last = head;
  for (const { event } of events) {
    event.before = last;
    last.after = event;
    last = event;
  }
  return head;
}

function unlink(begin: Event): void {
  for (const event of [begin, begin.end]) {
    if (event === undefined) continue;
    if (event.before !== undefined) event.before.after = event.after;
    if (event.after !== undefined) event.after.before = event.before;
  }
}

/** The exact reverse of `unlink`: the end first. */
function relink(begin: Event): void {
  for (const event of [begin.end, begin]) {
    if (event === undefined) continue;
    if (event.before !== undefined) event.before.after = event;
    if (event.after !== undefined) event.after.before = event;
  }
}
