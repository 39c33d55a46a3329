/** Neighbours that need several locks of one place at once, beside ours, which takes them all: whoever took them in another order would wait for ever. */
import { equal } from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LayoutName } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { missing } from "./counter.ts";
import { compileRust, gastownLock, skipAbsent } from "./neighbour.ts";
import { together } from "./together.ts";

interface Fleet {
  readonly what: string;
  readonly layout: LayoutName;
  readonly data: string;
  /** Other files that must be there. */
  readonly furniture: readonly string[];
  /** One program each: the locks it takes, in its order, and the counter it adds to. */
  readonly theirs: readonly (readonly [locks: readonly string[], counter: string])[];
  /** One program each: the counter it adds to. */
  readonly ours: readonly string[];
}

const ofTown = gastownLock("issues.jsonl");

const fleets: readonly Fleet[] = [
  {
    what: "jit's writes of an issue and of the index with an issue at once, beside ours: no deadlock, no loss",
    layout: "jit",
    data: "issues/i1.json",
    furniture: ["index.json"],
    theirs: [
      [[".index.lock", "issues/i1.lock"], "counter"],
      [["issues/i1.lock"], "counter"],
      [[".index.lock", "issues/i1.lock"], "counter"],
      [["issues/i1.lock"], "counter"],
    ],
    ours: ["counter", "counter"],
  },
  {
    // Those with Gas Town's lock alone and those with bd's alone do not see each other, so each kind has a counter.
    what: "bd's sync, its export and Gas Town's programs at once, beside ours: no deadlock, no loss",
    layout: "beads",
    data: "issues.jsonl",
    furniture: ["beads.db", ofTown],
    theirs: [
      [[".sync.lock", ofTown, ".jsonl.lock"], "of-bd"],
      [[".jsonl.lock"], "of-bd"],
      [[ofTown], "of-town"],
    ],
    ours: ["of-bd", "of-town"],
  },
];

export async function lockOrderFleets({ tally }: PartContext, updates: number): Promise<void> {
  await withTemporaryDirectory(async (root) => {
    const command = compileRust(root);
    if (typeof command === "string")
      return skipAbsent(tally, "neighbours that need several locks", command, fleets.length);
    for (const fleet of fleets)
      await tally.check(fleet.what, () =>
        withTemporaryDirectory((directory) => run(fleet, directory, command, updates)),
      );
    return undefined;
  });
}

async function run(
  { layout, data, furniture, theirs, ours }: Fleet,
  directory: string,
  [executable = ""]: readonly string[],
  updates: number,
): Promise<void> {
  const inside = (name: string): string => join(directory, name);
  for (const name of [data, ...furniture]) {
    mkdirSync(dirname(inside(name)), { recursive: true });
    writeFileSync(inside(name), "");
  }
  const counters = [...theirs.map(([, counter]) => counter), ...ours];
  for (const counter of counters) writeFileSync(inside(counter), "0");
  const each = Math.ceil(updates / counters.length);
  const programs = [
    ...theirs.map(
      ([locks, counter]) =>
        new Program(executable, ["count", locks.map(inside).join(":"), inside(counter), String(each)]),
    ),
    ...ours.map((counter) =>
      Program.node(
        new URL("ours.ts", import.meta.url),
        ["count", inside(data), inside(counter), String(each)],
        { env: { PROOF_LAYOUT: layout } },
      ),
    ),
  ];
  const stuck = setTimeout(() => programs.forEach((program) => program.kill()), 60_000 + 60 * updates);
  try {
    await together(programs);
  } finally {
    clearTimeout(stuck);
  }
  for (const counter of new Set(counters)) {
    const times = (users: readonly string[]): number =>
      users.filter((user) => user === counter).length * each;
    const lost = missing(
      readFileSync(inside(counter), "utf8"),
      times(ours),
      times(theirs.map(([, of]) => of)),
    );
    equal(lost, 0, `updates of ${counter}`);
  }
}
