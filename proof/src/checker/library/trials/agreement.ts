import { isLinearizableByDefinition } from "../brute-force.ts";
import type { History, Operation } from "../history.ts";
import { judge } from "../linearize.ts";
import { checkLog, type LogInput, type LogOutput } from "../log-check.ts";
import type { Model } from "../model.ts";
import { casRegister } from "../models/cas-register.ts";
import { checkTransactions } from "../transaction-check.ts";
import { between, type Chance } from "./chance.ts";
import { inventLog } from "./log-trials.ts";
import { inventRegisterNonsense } from "./register-trials.ts";
import { inventTransactions, listsModel } from "./transaction-trials.ts";

/** What a checker and the definition said of one small history. */
export interface Agreement {
  readonly history: unknown;
  readonly byDefinition: boolean;
  readonly byChecker: boolean;
}

/** One small history of each kind, right or wrong, held against the definition. */
export const agreements: ReadonlyMap<string, (chance: Chance) => Agreement> = new Map<
  string,
  (chance: Chance) => Agreement
>([
  [
    "register",
    (chance) => {
      const history = inventRegisterNonsense(chance, between(chance, 1, 8));
      const byChecker = judge(casRegister(), history).verdict === "linearizable";
      return { history, byChecker, byDefinition: isLinearizableByDefinition(casRegister(), history) };
    },
  ],
  [
    "log",
    (chance) => {
      const history = damage(chance, inventLog(chance, 6, 4), damageRecords);
      const byChecker = checkLog(history).length === 0;
      return { history, byChecker, byDefinition: isLinearizableByDefinition(logModel, history) };
    },
  ],
  [
    "transactions",
    (chance) => {
      const history = damage(chance, inventTransactions(chance, 6, 4), (output) => {
        const lists = output.lists.map((list) => (chance() < 0.5 ? list.slice(0, -1) : list));
        return { ...output, lists };
      });
      const byChecker = checkTransactions(history).length === 0;
      return { history, byChecker, byDefinition: isLinearizableByDefinition(listsModel, history) };
    },
  ],
]);

/** A log as one value: slow, and right by inspection. */
const logModel: Model<readonly string[], LogInput, LogOutput> = {
  name: "log",
  initial: [],
  fingerprint: (log) => log.join(),
  step: (log, input, output) => {
    if (input.kind === "append") {
      if (output?.kind === "appended" && output.at !== undefined && output.at !== log.length)
        return undefined;
      return [...log, ...input.ids];
    }
    const shown = log.slice(input.from, input.limit === undefined ? undefined : input.from + input.limit);
    return output?.kind !== "records" || output.ids.join() === shown.join() ? log : undefined;
  },
  leaves: (input) => (input.kind === "append" ? input.ids : []),
  sees: (_, output) => (output?.kind === "records" ? output.ids : []),
  tell: (input) => input.kind,
  tellState: (log) => log.join(),
};

function damage<Input, Output>(
  chance: Chance,
  history: History<Input, Output>,
  change: (output: Output, chance: Chance) => Output,
): History<Input, Output> {
  if (chance() < 0.4) return history;
  return history.map((operation): Operation<Input, Output> => {
    if (operation.output === undefined || chance() < 0.6) return operation;
    return { ...operation, output: change(operation.output, chance) };
  });
}

function damageRecords(output: LogOutput, chance: Chance): LogOutput {
  if (output.kind === "appended") return output;
  const at = between(chance, 0, output.ids.length);
  return { ...output, ids: chance() < 0.5 ? output.ids.slice(0, at) : output.ids.toSpliced(at, 1) };
}
