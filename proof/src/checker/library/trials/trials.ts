import { casRegister } from "../models/cas-register.ts";
import { judge } from "../linearize.ts";
import { logTrial } from "./log-trials.ts";
import { queueTrial } from "./queue-trials.ts";
import { registerCorruptions } from "./register-corruptions.ts";
import { inventRegister, type RegisterHistory } from "./register-trials.ts";
import { transactionTrial } from "./transaction-trials.ts";
import type { Chance } from "./chance.ts";
import type { Trial } from "./trial.ts";

const registerTrial: Trial<RegisterHistory> = {
  name: "register",
  invent: inventRegister,
  corruptions: registerCorruptions,
  check: (history) => {
    const { verdict } = judge(casRegister(), history);
    return verdict === "linearizable" ? undefined : verdict;
  },
};

/** What came of one invented history. */
export interface TrialOutcome {
  /** Undefined if the right history was accepted, as it must be. */
  readonly wronglyRejected: string | undefined;
  /** Corruptions that found a place. */
  readonly corrupted: number;
  /** Those the checker did not reject, with the history. */
  readonly wronglyAccepted: readonly { readonly name: string; readonly history: unknown }[];
}

/** One try of one checker, by name. */
export const trials: ReadonlyMap<string, (chance: Chance, length: number, clients: number) => TrialOutcome> =
  new Map([
    [registerTrial.name, (...size) => tryOnce(registerTrial, ...size)],
    [logTrial.name, (...size) => tryOnce(logTrial, ...size)],
    [queueTrial.name, (...size) => tryOnce(queueTrial, ...size)],
    [transactionTrial.name, (...size) => tryOnce(transactionTrial, ...size)],
  ]);

function tryOnce<H>(trial: Trial<H>, chance: Chance, length: number, clients: number): TrialOutcome {
  const history = trial.invent(chance, length, clients);
  const wronglyRejected = trial.check(history);
  const wrong = trial.corruptions.flatMap(({ name, corrupt }) => {
    const corrupted = corrupt(history, chance);
    return corrupted === undefined ? [] : [{ name, history: corrupted }];
  });
  const wronglyAccepted = wrong.filter((each) => {
    const said = trial.check(each.history);
    return said === undefined || said === "unknown";
  });
  return { wronglyRejected, corrupted: wrong.length, wronglyAccepted };
}
