import type { History, Operation } from "./history.ts";
import { judge, type JudgeOptions, type Judgement } from "./linearize.ts";
import type { Model } from "./model.ts";
import { shrink } from "./shrink.ts";

/** Why a history is not linearizable. */
export interface CounterExample<Input, Output> {
  readonly key: string;
  /** A short part of the history that no order explains. See {@link shrink}. */
  readonly operations: History<Input, Output>;
  /** The longest order of these that explains their answers. */
  readonly order: History<Input, Output>;
  /** Several lines for a terminal. */
  readonly text: string;
}

/** Finds a short counter-example and words it. Undefined unless the judgement is "not linearizable". */
export function explain<State, Input, Output>(
  model: Model<State, Input, Output>,
  { verdict, culprit }: Judgement<Input, Output>,
  options: JudgeOptions = {},
): CounterExample<Input, Output> | undefined {
  if (verdict !== "not linearizable" || culprit === undefined) return undefined;
  const operations = shrink(model, culprit.history, options);
  const order = judge(model, operations, options).parts[0]?.order ?? [];
  const { key } = culprit;
  const lines = [
    `Not linearizable: ${model.name}${key === "" ? "" : ` ${JSON.stringify(key)}`}, ` +
      `${operations.length} of its ${culprit.history.length} operations show it.`,
    ...table(model, operations),
    ...attempt(model, operations, order),
  ];
  return { key, operations, order, text: lines.join("\n") };
}

function table<State, Input, Output>(
  { tell }: Model<State, Input, Output>,
  operations: History<Input, Output>,
): string[] {
  const start = Math.min(...operations.map(({ begunAt }) => begunAt));
  const rows = operations.map(({ client, input, output, begunAt, endedAt }, at) => [
    `${at + 1}`,
    client,
    `${begunAt - start}`,
    endedAt === Infinity ? "-" : `${endedAt - start}`,
    tell(input, output),
  ]);
  const header = ["", "client", "begun", "ended", "operation (- and ?: no answer, or it does not matter)"];
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [header, ...rows].map((row) =>
    `  ${row.map((cell, column) => pad(cell, column, widths)).join("  ")}`.trimEnd(),
  );
}

function pad(cell: string, column: number, widths: readonly number[]): string {
  const width = widths[column] ?? 0;
  return column === 0 || column === 2 || column === 3 ? cell.padStart(width) : cell.padEnd(width);
}

/** How far an order gets, and why nothing can follow. */
function attempt<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: History<Input, Output>,
  order: History<Input, Output>,
): string[] {
  const number = (operation: Operation<Input, Output>): number => operations.indexOf(operation) + 1;
  let state = model.initial;
  for (const { input, output } of order) state = model.step(state, input, output) ?? state;
  const left = operations.filter((operation) => !order.includes(operation));
  const firstEnd = Math.min(...left.map(({ endedAt }) => endedAt));
  const next = left.filter(({ begunAt, output }) => begunAt <= firstEnd && output !== undefined);
  const got =
    order.length === 0 ? "Nothing can come first" : `The longest order is ${order.map(number).join(", ")}`;
  return [
    `${got}: ${model.tellState(state)}, and the next to take effect would be`,
    ...next.map((operation) => `  ${number(operation)}  ${model.tell(operation.input, operation.output)}`),
  ];
}
