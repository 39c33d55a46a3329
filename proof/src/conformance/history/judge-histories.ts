import {
  checkLog,
  checkTransactions,
  documentModel,
  explain,
  judge,
  mutex,
  tellFindings,
  timelineHtml,
  type History,
  type Model,
} from "../../checker/library/index.ts";
import type { PromiseId } from "../promises.ts";
import type { Histories } from "./recorder.ts";

/** What is wrong with a history, and a drawing of it where one helps. */
export interface Wrong {
  readonly promise: PromiseId;
  readonly text: string;
  readonly html?: string;
}

/** Holds what was seen of documents, log, transactions and locks against what was promised. */
export function judgeHistories({ register, log, lists, lock }: Histories): readonly Wrong[] {
  const wrong: Wrong[] = [];
  const against = <State, Input, Output>(
    promise: PromiseId,
    model: Model<State, Input, Output>,
    history: History<Input, Output>,
  ): void => {
    const judgement = judge(model, history);
    if (judgement.verdict === "linearizable") return;
    const text =
      explain(model, judgement)?.text ?? `${promise} is ${judgement.verdict} after ${judgement.steps} steps`;
    const part = judgement.culprit?.history ?? history;
    wrong.push({ promise, text, html: timelineHtml(part, { title: promise, tell: model.tell, text }) });
  };
  against("D1", documentModel(), register);
  against("L1", mutex(), lock);
  const inLog = tellFindings(checkLog(log));
  if (inLog !== "") wrong.push({ promise: "G4", text: inLog });
  const inLists = tellFindings(checkTransactions(lists));
  if (inLists !== "") wrong.push({ promise: "transact", text: inLists });
  return wrong;
}
