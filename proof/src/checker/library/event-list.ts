import type { History, Operation } from "./history.ts";

/** A begin or an end in a doubly linked list in time order. */
export interface Event<Input, Output> {
  /** The operation's position among those of its part. */
  readonly index: number;
  readonly operation: Operation<Input, Output>;
  readonly isBegin: boolean;
  /** Of a begin: its operation's end, if it has one. */
  readonly end: Event<Input, Output> | undefined;
  before: Event<Input, Output> | undefined;
  after: Event<Input, Output> | undefined;
}

/** Links all begins and ends; the first event is `after` the returned list. */
export function linkEvents<Input, Output>(history: History<Input, Output>): EventList<Input, Output> {
  const timed: { readonly time: number; readonly event: Event<Input, Output> }[] = [];
  history.forEach((operation, index) => {
    const common = { index, operation, before: undefined, after: undefined };
    const answered = operation.endedAt !== Infinity;
    const end = answered ? { ...common, isBegin: false, end: undefined } : undefined;
    timed.push({ time: operation.begunAt, event: { ...common, isBegin: true, end } });
    if (end !== undefined) timed.push({ time: operation.endedAt, event: end });
  });
  // At one instant begins go first: operations that touch may have overlapped.
  timed.sort(
    (one, other) => one.time - other.time || Number(other.event.isBegin) - Number(one.event.isBegin),
  );
  const list: EventList<Input, Output> = { after: undefined };
  let last: EventList<Input, Output> | Event<Input, Output> = list;
  for (const { event } of timed) {
    last.after = event;
    if (last !== list) event.before = last as Event<Input, Output>;
    last = event;
  }
  return list;
}

export interface EventList<Input, Output> {
  after: Event<Input, Output> | undefined;
}

/** Takes an operation's begin and end out. */
export function unlink<Input, Output>(list: EventList<Input, Output>, begin: Event<Input, Output>): void {
  for (const event of begin.end === undefined ? [begin] : [begin, begin.end]) {
    (event.before ?? list).after = event.after;
    if (event.after !== undefined) event.after.before = event.before;
  }
}

/** The exact reverse of `unlink`: the end first. */
export function relink<Input, Output>(list: EventList<Input, Output>, begin: Event<Input, Output>): void {
  for (const event of begin.end === undefined ? [begin] : [begin.end, begin]) {
    (event.before ?? list).after = event;
    if (event.after !== undefined) event.after.before = event;
  }
}
