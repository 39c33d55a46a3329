import { checkHistory, type History, type Operation } from "./history.ts";
import type { Model } from "./model.ts";

/** The definition itself, by trying every order: for one key and up to eight operations. To check the checker with. */
export function isLinearizableByDefinition<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
): boolean {
  checkHistory(history);
  return extend(model, model.initial, history);
}

function extend<State, Input, Output>(
  model: Model<State, Input, Output>,
  state: State,
  left: readonly Operation<Input, Output>[],
): boolean {
  if (left.every(({ endedAt }) => endedAt === Infinity)) return true;
  const firstEnd = Math.min(...left.map(({ endedAt }) => endedAt));
  return left.some((operation, at) => {
    if (operation.begunAt > firstEnd) return false;
    const next = model.step(state, operation.input, operation.output);
    return next !== undefined && extend(model, next, left.toSpliced(at, 1));
  });
}
