/** What is done on a disk, one operation after the other, and when its power goes. */
import type { Durability } from "../harness/core.ts";
import type { Random } from "../harness/random.ts";
import { coreOperations, powerOperation, powerOperations } from "./operations.ts";
import type { PowerOperation } from "./power-operation.ts";

/** One call of a public operation. */
export interface Step {
  readonly operation: string;
  readonly durability: Durability;
}

/**
 * When the power goes: once a step was acknowledged; before a file call of a step that changes something; or from such a call
 * on, at whatever the process is doing when it happens. A step that has fewer calls is acknowledged first.
 */
export interface Cut {
  readonly when: "acknowledged" | "before" | "during";
  readonly step: number;
  readonly call: number;
}

export interface Script {
  readonly steps: readonly Step[];
  readonly cut: Cut;
  /** Whether the log of the file system is written before the power goes. */
  readonly flushed: boolean;
  /** Whether it is one of a list that is gone through as a whole; else chance made it. */
  readonly isListed?: boolean;
}

/** CrashMonkey's finding: few operations on a fresh file system find most of what there is. */
const exhausted = ["update of state.json", "append to events.jsonl", "transact", "remove", "fs writeFile"];

/** Each sequence of up to three of these operations, cut after its last acknowledgement. */
export function exhaustiveScripts(flushed: boolean): Script[] {
  return sequencesOf(exhausted.map(powerOperation)).map((operations) => acknowledged(operations, flushed));
}

/**
 * Each sequence of up to three operations, of whichever package, that have a file in common, one with the next or with both; those
 * without are of shorter ones. Cut once after the last acknowledgement, and once at a file call of its last step.
 */
export function relatedScripts(random: Random, calls: CallCounts): Script[] {
  return sequencesOf(powerOperations)
    .filter(areRelated)
    .flatMap((operations) => {
      const step = operations.length - 1;
      const call = random.between(1, calls[operations[step]?.name ?? ""] ?? 1);
      const cut: Cut = { when: random.pick(["before", "during"]), step, call };
      return [
        acknowledged(operations, random.next() < 0.5),
        { steps: atDisk(operations), cut, flushed: random.next() < 0.5, isListed: true },
      ];
    });
}

function sequencesOf(operations: readonly PowerOperation[], longest = 3): PowerOperation[][] {
  if (longest === 0) return [];
  const starts = [[], ...sequencesOf(operations, longest - 1)];
  return starts.flatMap((start) => operations.map((last) => [...start, last]));
}

/** Whether every one is reached from the first by subjects that two of them change. */
function areRelated([first, ...others]: readonly PowerOperation[]): boolean {
  const reached = new Set(first?.subjects);
  let rest = others;
  for (;;) {
    const next = rest.find(({ subjects }) => subjects.some((subject) => reached.has(subject)));
    if (next === undefined) return rest.length === 0;
    for (const subject of next.subjects) reached.add(subject);
    rest = rest.filter((each) => each !== next);
  }
}

function acknowledged(operations: readonly PowerOperation[], flushed: boolean): Script {
  const cut: Cut = { when: "acknowledged", step: operations.length - 1, call: 0 };
  return { steps: atDisk(operations), cut, flushed, isListed: true };
}

const atDisk = (operations: readonly PowerOperation[]): Step[] =>
  operations.map(({ name }) => ({ operation: name, durability: "disk" }));

/** How many file calls that change something an operation makes at most. */
export type CallCounts = Readonly<Record<string, number>>;

/** What chance makes of it: most scripts of core's operations, some of a package's, some of them at `os`. */
export function randomScript(random: Random, calls: CallCounts): Script {
  const durability: Durability = random.next() < 0.15 ? "os" : "disk";
  const from =
    durability === "os"
      ? coreOperations.filter(({ atOs }) => atOs === true)
      : random.next() < 0.25
        ? powerOperations
        : coreOperations;
  const steps = Array.from({ length: random.between(1, 3) }, (): Step => {
    // Some at `disk` before and between those at `os`: they must not take each other along.
    return { operation: random.pick(from).name, durability: random.next() < 0.3 ? "disk" : durability };
  });
  const step = random.between(0, steps.length - 1);
  const { operation } = steps[step] as Step;
  const cut: Cut = {
    when: random.pick(["acknowledged", "before", "before", "during"]),
    step,
    call: random.between(1, calls[operation] ?? 1),
  };
  return { steps, cut, flushed: random.next() < 0.5 };
}

export function describeScript({ steps, cut, flushed }: Script): string {
  const names = steps.map(({ operation, durability }) =>
    durability === "os" ? `${operation} (os)` : operation,
  );
  const where = cut.when === "acknowledged" ? "" : ` file call ${cut.call} of`;
  return `${names.join(", then ")}; power cut ${cut.when}${where} step ${cut.step + 1}, log ${flushed ? "flushed" : "lost"}`;
}
