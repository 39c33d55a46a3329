/** Histories out of a seed, to check the checker with. */
import type { History, Operation } from "../history.ts";
import { between, Clients, pick, type Chance } from "./chance.ts";
import type { RegisterInput, RegisterOutput, RegisterValue } from "../models/cas-register.ts";

export type RegisterHistory = History<RegisterInput, RegisterOutput>;

/**
 * A linearizable history of one register: effects in an order, each spread into an interval around it, values unique,
 * one in twenty without an answer.
 */
export function inventRegister(chance: Chance, length: number, clients: number): RegisterHistory {
  let value: RegisterValue = null;
  const turns = new Clients(chance, clients);
  const history: Operation<RegisterInput, RegisterOutput>[] = [];
  for (let at = 1; at <= length; at += 1) {
    const turn = turns.take(at);
    if (turn === undefined) continue;
    const input = inventInput(chance, value, `v${at}`);
    const output = answer(input, value);
    const isAnswered = turn.endedAt !== Infinity;
    history.push({ ...turn, input, output: isAnswered ? output : undefined });
    const takesEffect = isAnswered || chance() < 0.5;
    const changes = input.kind !== "read" && (!("done" in output) || output.done);
    if (takesEffect && changes) value = input.value;
  }
  return history;
}

function inventInput(chance: Chance, current: RegisterValue, value: string): RegisterInput {
  const kind =
    pick(chance, ["read", "read", "write", "update", "update", "compare-and-set"] as const) ?? "read";
  if (kind === "read") return { kind };
  if (kind !== "compare-and-set") return { kind, value };
  return { kind, value, expected: chance() < 0.7 ? current : "never written" };
}

function answer(input: RegisterInput, value: RegisterValue): RegisterOutput {
  if (input.kind === "write") return { done: true };
  if (input.kind === "compare-and-set") return { done: input.expected === value };
  return { saw: value };
}

/** A history of one register with anything in it, right or wrong. */
export function inventRegisterNonsense(chance: Chance, length: number): RegisterHistory {
  const values = [null, "1", "2", "3"];
  const value = (): string => pick(chance, ["1", "2", "3"]) ?? "1";
  const seen = (): RegisterValue => pick(chance, values) ?? null;
  const inputs: readonly (() => RegisterInput)[] = [
    () => ({ kind: "read" }),
    () => ({ kind: "write", value: value() }),
    () => ({ kind: "update", value: value() }),
    () => ({ kind: "compare-and-set", expected: seen(), value: value() }),
  ];
  return Array.from({ length }, (_, at) => {
    const begunAt = between(chance, 0, 30);
    const input = (pick(chance, inputs) ?? (() => ({ kind: "read" })))() as RegisterInput;
    const done = input.kind === "write" || chance() < 0.5;
    const output = input.kind === "read" || input.kind === "update" ? { saw: seen() } : { done };
    const silent = chance() < 0.15;
    const endedAt = silent ? Infinity : begunAt + between(chance, 0, 15);
    return { client: `client ${at}`, input, output: silent ? undefined : output, begunAt, endedAt };
  });
}
