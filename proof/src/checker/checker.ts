/** T10: what real processes saw of one document can be explained by an order (D1, P1, P4); and the checkers can be trusted. */
import type { PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { agreements, casRegister, judge, trials } from "./library/index.ts";
import { recordHistory, type Recording } from "./record.ts";
import { reportWrong } from "./report.ts";

export interface CheckerSize {
  readonly recordings: number;
  readonly recording: Recording;
  /** Invented histories of each kind. */
  readonly invented: number;
  readonly crossChecks: number;
}

const sizes = {
  short: {
    recordings: 12,
    recording: { clients: 6, operations: 60, kills: 2 },
    invented: 200,
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
  for (const kind of agreements.keys()) crossCheck(context, kind, size.crossChecks);
  say("the checkers agree with the definition");
  for (const kind of trials.keys()) {
    for (let at = 0; at < size.invented; at += 1) tryInvented(context, kind, at);
  }
  say("invented histories are accepted, corrupted ones rejected");
  for (let at = 0; at < size.recordings; at += 1) {
    const { history, kills } = await withTemporaryDirectory((directory) =>
      recordHistory(directory, random, size.recording),
    );
    tally.count("histories");
    tally.count("operations", history.length);
    tally.count("kills", kills);
    tally.count("unknown_outcomes", history.filter(({ endedAt }) => endedAt === Infinity).length);
    const judgement = judge(casRegister("initial"), history);
    if (judgement.verdict === "linearizable") {
      tally.count("linearizable");
      tally.pass();
    } else reportWrong(context, `recorded history ${at}`, casRegister("initial"), judgement);
  }
}

/** Small histories, right and wrong, against the definition. */
function crossCheck({ tally, random, seed }: PartContext, kind: string, times: number): void {
  let disagreements = 0;
  let accepted = 0;
  for (let at = 0; at < times; at += 1) {
    const agreement = agreements.get(kind)?.(() => random.next());
    if (agreement?.byDefinition === true) accepted += 1;
    if (agreement?.byDefinition === agreement?.byChecker) continue;
    disagreements += 1;
    if (disagreements === 1)
      tally.fail(
        `the ${kind} checker and the definition disagree`,
        `seed ${seed}\n${JSON.stringify(agreement)}`,
      );
  }
  tally.count("cross_checks", times);
  tally.count("cross_checks_right", accepted);
  if (disagreements > 0) return;
  if (accepted > 0 && accepted < times) return tally.pass();
  tally.fail(
    `the ${kind} checker was not held against right and wrong histories alike`,
    `seed ${seed}: ${accepted} of ${times} are right by the definition`,
  );
}

/** The history must be accepted, and each corruption of it rejected. */
function tryInvented({ tally, random, seed }: PartContext, kind: string, at: number): void {
  const outcome = trials.get(kind)?.(() => random.next(), 200, 6);
  if (outcome === undefined) return;
  const { wronglyRejected, corrupted, wronglyAccepted } = outcome;
  tally.count("histories");
  tally.count("corrupted", corrupted);
  tally.count("rejected", corrupted - wronglyAccepted.length);
  if (wronglyRejected === undefined) {
    tally.count("linearizable");
    tally.pass();
  } else tally.fail(`invented ${kind} ${at} is rejected`, `seed ${seed}\n${wronglyRejected}`);
  for (let done = wronglyAccepted.length; done < corrupted; done += 1) tally.pass();
  for (const { name, history } of wronglyAccepted) {
    tally.fail(`invented ${kind} ${at} with ${name} is accepted`, `seed ${seed}\n${JSON.stringify(history)}`);
  }
}
