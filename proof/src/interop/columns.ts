/** The behaviours every neighbour must share with us, in both directions (P1, P2): one column of the table each. */
import { equal } from "node:assert/strict";
import { freedByDeath, freedByStaleness } from "./deaths.ts";
import { fleet } from "./fleet.ts";
import type { Neighbour, UpdateKind } from "./neighbour.ts";
import { attempt, held, release, type Pair, type Side } from "./pair.ts";

export interface Column {
  readonly name: string;
  /** What to write into the cell. Throws where the promise does not hold. */
  run(pair: Pair): Promise<string>;
  /** Why it does not apply to a neighbour. */
  excuse?(neighbour: Neighbour): string | undefined;
}

/** While one side holds, the other is refused, and gets it afterwards. */
async function keepsOut(one: Side, other: Side, shares: boolean): Promise<string> {
  const holder = await held(one, "ex");
  equal(await attempt(other, "ex"), "busy", "an exclusive attempt while held");
  if (shares) equal(await attempt(other, "sh"), "busy", "a shared attempt while held");
  const waiter = other("hold", ["ex"]);
  await release(holder);
  await waiter.expect("held");
  equal(await attempt(one, "ex"), "busy", "an attempt after the hand-over");
  await release(waiter);
  return "yes";
}

async function readersShare({ ours, theirs }: Pair): Promise<string> {
  const one = await held(ours, "sh");
  const other = await held(theirs, "sh");
  equal(await attempt(ours, "ex"), "busy", "our writer beside both");
  equal(await attempt(theirs, "ex"), "busy", "their writer beside both");
  await release(one);
  equal(await attempt(ours, "ex"), "busy", "our writer beside their reader");
  equal(await attempt(ours, "sh"), "granted", "our reader beside their reader");
  await release(other);
  equal(await attempt(ours, "ex"), "granted", "our writer alone");
  return "yes";
}

/** Held by a call that blocks, and by a worker thread: to others there is no difference. */
async function otherWaysKeepOut({ ours, theirs }: Pair): Promise<string> {
  for (const way of ["sync", "threads"] as const) {
    const holder = await held(ours, "ex", way);
    equal(await attempt(theirs, "ex"), "busy", `while held by ${way}`);
    await release(holder);
  }
  equal(await attempt(theirs, "ex"), "granted", "afterwards");
  return "yes";
}

const noSharing = ({ shares }: Neighbour): string | undefined => (shares ? undefined : "no shared locks");
const can =
  (kind: UpdateKind) =>
  ({ updates }: Neighbour): string | undefined =>
    updates.includes(kind) ? undefined : "-";

export const columns: readonly Column[] = [
  {
    name: "ours keeps them out",
    run: ({ ours, theirs, neighbour }) => keepsOut(ours, theirs, neighbour.shares),
  },
  {
    name: "theirs keeps us out",
    run: ({ ours, theirs, neighbour }) => keepsOut(theirs, ours, neighbour.shares),
  },
  { name: "our sync call, our thread keep them out", run: otherWaysKeepOut },
  { name: "readers share", excuse: noSharing, run: readersShare },
  {
    name: "our death frees them",
    run: (pair) =>
      pair.neighbour.staleness === undefined
        ? freedByDeath(pair, pair.ours, pair.theirs)
        : freedByStaleness(pair, "ours"),
  },
  {
    name: "their death frees us",
    run: (pair) =>
      pair.neighbour.staleness === undefined
        ? freedByDeath(pair, pair.theirs, pair.ours)
        : freedByStaleness(pair, "theirs"),
  },
  {
    name: "a reader's death (ours / theirs)",
    excuse: noSharing,
    run: async (pair) =>
      `${await freedByDeath(pair, pair.ours, pair.theirs, "sh")} / ${await freedByDeath(pair, pair.theirs, pair.ours, "sh")}`,
  },
  { name: "counter", excuse: can("count"), run: (pair) => fleet(pair, "count", "async") },
  { name: "counter, our sync calls", excuse: can("count"), run: (pair) => fleet(pair, "count", "sync") },
  {
    name: "counter, our worker threads",
    excuse: can("count"),
    run: (pair) => fleet(pair, "count", "threads"),
  },
  { name: "appended lines", excuse: can("append"), run: (pair) => fleet(pair, "append") },
  { name: "JSON map", excuse: can("map"), run: (pair) => fleet(pair, "map") },
];

/** What a row tells that is another's but for the name of the lock. */
export const briefColumns: ReadonlySet<string> = new Set([
  "ours keeps them out",
  "theirs keeps us out",
  "counter",
]);
