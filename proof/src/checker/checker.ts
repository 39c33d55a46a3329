/** T10: what real processes saw of one document can be explained by an order (D1, P1, P4); and the checker can be trusted. */
import type { PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { isLinearizableByDefinition } from "./brute-force.ts";
import { corruptions } from "./corrupt.ts";
import type { History } from "./history.ts";
import { inventHistory, inventNonsense } from "./invent.ts";
import { judge } from "./linearize.ts";
import { recordHistory, type Recording } from "./record.ts";

export interface CheckerSize {
  readonly recordings: number;
  readonly recording: Recording;
  readonly invented: number;
  readonly crossChecks: number;
}

const sizes = {
  short: {
    recordings: 12,
    recording: { clients: 6, operations: 60, kills: 2 },
    invented: 300,
    crossChecks: 20_000,
  },
  long: {
    recordings: 400,
    recording: { clients: 7, operations: 60, kills: 2 },
    invented: 2_000,
    crossChecks: 100_000,
  },
} as const;

export async function checker(context: PartContext): Promise<void> {
  await checkerOf(context, context.long ? sizes.long : sizes.short);
}

export async function checkerOf(context: PartContext, size: CheckerSize): Promise<void> {
  const { tally, random, say } = context;
  for (const name of ["histories", "linearizable", "corrupted", "rejected"]) tally.count(name, 0);
  crossCheck(context, size.crossChecks);
  say("the checker agrees with the definition");
  for (let at = 0; at < size.invented; at += 1) {
    examine(context, `invented history ${at}`, inventHistory(random, 200, 6));
  }
  say("invented histories are accepted, corrupted ones rejected");
  for (let at = 0; at < size.recordings; at += 1) {
    const history = await withTemporaryDirectory((directory) =>
      recordHistory(directory, random, size.recording),
    );
    tally.count("operations", history.length);
    tally.count("unknown_outcomes", history.filter(({ endedAt }) => endedAt === Infinity).length);
    examine(context, `recorded history ${at}`, history);
  }
}

/** The history must be accepted, and each corruption of it rejected. */
function examine({ tally, random, seed }: PartContext, what: string, history: History): void {
  tally.count("histories");
  const judged = judge(history);
  if (judged.verdict === "linearizable") {
    tally.count("linearizable");
    tally.pass();
  } else {
    const register = history.filter(({ key }) => key === judged.key);
    tally.fail(`${what} is ${judged.verdict}`, `seed ${seed}\n${JSON.stringify(register)}`);
    return;
  }
  for (const [name, corrupt] of corruptions) {
    const corrupted = corrupt(history, random);
    if (corrupted === undefined) continue;
    tally.count("corrupted");
    const { verdict } = judge(corrupted);
    if (verdict === "not linearizable") {
      tally.count("rejected");
      tally.pass();
    } else tally.fail(`${what} with ${name} is judged ${verdict}`, `seed ${seed}`);
  }
}

/** Small histories, right and wrong, against the definition. */
function crossCheck({ tally, random, seed }: PartContext, times: number): void {
  let disagreements = 0;
  let accepted = 0;
  for (let at = 0; at < times; at += 1) {
    const history = inventNonsense(random, random.between(1, 8));
    const expected = isLinearizableByDefinition(history);
    if (expected) accepted += 1;
    if ((judge(history).verdict === "linearizable") !== expected) {
      disagreements += 1;
      if (disagreements === 1)
        tally.fail("checker and definition disagree", `seed ${seed}\n${JSON.stringify(history)}`);
    }
  }
  tally.count("cross_checks", times);
  tally.count("cross_checks_linearizable", accepted);
  if (disagreements === 0 && accepted > 0 && accepted < times) tally.pass();
}
