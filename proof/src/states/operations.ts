import type { LogRecord, MemberName, Members, Value } from "./world.ts";

/** A public operation that a power loss interrupts. */
export interface Operation {
  readonly name: string;
  readonly touches: readonly MemberName[];
  /** Whether a part of its lines may be left when it was not acknowledged: only a commit of several files is more than that. */
  readonly appendsLines?: boolean;
  /** Set where it only looks. */
  readonly changesNothing?: boolean;
  run(members: Members, round: number): Promise<unknown>;
}

const value = (round: number): Value => ({ round, text: "v".repeat(560 + round) });
const record = (round: number, at = 0): LogRecord => ({ round, at, text: "r".repeat(250 + 31 * at) });

const everything: readonly MemberName[] = ["left", "right", "events"];

/** Everything that changes a document, a log, or all of them. */
export const operations: readonly Operation[] = [
  {
    name: "update",
    touches: ["left"],
    run: ({ left }, round) => left.update((draft) => void Object.assign(draft, value(round))),
  },
  { name: "write", touches: ["left"], run: ({ left }, round) => left.write(value(round)) },
  { name: "remove", touches: ["left"], run: ({ left }) => left.remove() },
  {
    name: "append",
    touches: ["events"],
    appendsLines: true,
    run: ({ events }, round) => events.append(record(round)),
  },
  {
    name: "append many",
    touches: ["events"],
    appendsLines: true,
    run: ({ events }, round) => events.appendMany([0, 1, 2].map((at) => record(round, at))),
  },
  {
    name: "decide",
    touches: ["events"],
    appendsLines: true,
    run: ({ events }, round) => events.transact((tx) => tx.append(record(round), record(round, 1))),
  },
  {
    name: "rewrite",
    touches: ["events"],
    run: ({ events }, round) =>
      events.rewrite((entries) => [...entries.filter((_, at) => at % 2 === 1), record(round)]),
  },
  {
    name: "transact",
    touches: everything,
    run: ({ store, left, right, events }, round) =>
      store.transact({ left, right, events }, (tx) => {
        tx.left.replace(value(round));
        tx.right.replace(value(round));
        tx.events.append(record(round), record(round, 1));
      }),
  },
  {
    name: "transact that rewrites",
    touches: everything,
    run: ({ store, right, events }, round) =>
      store.transact({ events, right }, async (tx) => {
        tx.right.replace(value(round));
        tx.events.rewrite([...(await tx.events.entries()).slice(1), record(round)]);
      }),
  },
];

/** Ways to come by what a crash left, that change nothing. */
export const recoveries: readonly Operation[] = [
  {
    name: "recovery of all",
    changesNothing: true,
    touches: everything,
    run: ({ store, left, right, events }) => store.transact({ left, right, events }, () => undefined),
  },
  {
    name: "recovery by the log",
    changesNothing: true,
    touches: everything,
    run: ({ events }) => events.transact(() => undefined),
  },
  {
    name: "recovery by a document",
    changesNothing: true,
    touches: everything,
    run: ({ right }) => right.readLocked(),
  },
];
