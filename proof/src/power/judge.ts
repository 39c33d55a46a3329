/** Whether what a script left behind is what was promised. Knows nothing of disks. */
import { isDeepStrictEqual } from "node:util";
import { nothingYet, powerOperation, subjectsOf } from "./operations.ts";
import type { Holdings } from "./power-operation.ts";
import type { Step } from "./script.ts";

/** What a script came to before the power went. */
export interface Acted {
  /** Steps that were acknowledged: the first so many. */
  readonly acknowledged: number;
  /** Steps that may have had an effect: as many, or more. */
  readonly begun: number;
}

/** A subject as the next process found it: its state, or why it could not be read. */
export type Found = { readonly value: unknown } | { readonly code: string; readonly message: string };

export interface Judgement {
  lost: number;
  torn: number;
  unopened: number;
  /** Documents written at `os` that came back empty, where the file system does not promise more. */
  emptied: number;
  /** Steps that nobody acknowledged, of which a part stayed that may. */
  parts: number;
  readonly explanations: string[];
}

export interface JudgeOptions {
  /** The rule of `disk` for every step, whatever it was done at. */
  readonly asDisk?: boolean;
  readonly ordersDataBeforeNames: boolean;
  /** Whether the log was flushed: the ioctl does so after it has stopped the writing of data. */
  readonly flushed: boolean;
}

/** The states from before the first step to after the last one begun. */
export function statesOf(steps: readonly Step[], begun: number): Holdings[] {
  const operations = steps.map(({ operation }) => powerOperation(operation));
  const states = [nothingYet(subjectsOf(operations))];
  for (const [at, operation] of operations.slice(0, begun).entries())
    states.push(operation.apply(states[at] ?? {}, at + 1));
  return states;
}

export function judge(
  steps: readonly Step[],
  acted: Acted,
  found: Readonly<Record<string, Found>>,
  options: JudgeOptions,
): Judgement {
  const judgement: Judgement = { lost: 0, torn: 0, unopened: 0, emptied: 0, parts: 0, explanations: [] };
  const states = statesOf(steps, acted.begun);
  const strict = options.asDisk === true || steps.every(({ durability }) => durability === "disk");
  const values: Record<string, unknown> = {};
  for (const [name, it] of Object.entries(found)) {
    if ("value" in it) {
      values[name] = it.value;
      judgeAlone(name, it.value);
    } else if (mayBeEmpty(name) && it.code === "ERR_DOCUMENT_CORRUPT") judgement.emptied += 1;
    else {
      judgement.unopened += 1;
      judgement.explanations.push(`${name} cannot be read: ${it.message}`);
    }
  }
  if (strict && judgement.explanations.length === 0) judgeTogether();
  return judgement;

  /** One of its states, no older than what was acknowledged of it. */
  function judgeAlone(name: string, value: unknown): void {
    const known = states.map((state) => state[name]);
    const least = leastOf(name);
    if (known.slice(least).some((state) => isDeepStrictEqual(state, value))) return;
    if (isDeepStrictEqual(value, known[0]) && mayBeEmpty(name)) return void (judgement.emptied += 1);
    if (isPartOfOpen(name, value)) {
      judgement.parts += 1;
      return void delete values[name]; // it is of no state, and of no commit of several
    }
    const at = known.findLastIndex((state) => isDeepStrictEqual(state, value));
    if (at === -1) judgement.torn += 1;
    else judgement.lost += 1;
    judgement.explanations.push(
      `${name} holds ${shown(value)}, ${at === -1 ? "which it never held" : `as before step ${at + 1}`}; ` +
        `it should hold ${known.slice(least).map(shown).join(" or ")}`,
    );
  }

  /** Whether a step that was begun, and of which nobody was told, may have left this much of itself. */
  function isPartOfOpen(name: string, value: unknown): boolean {
    for (let at = acted.acknowledged; at < acted.begun; at += 1) {
      const step = steps[at];
      if (step === undefined || !changes(step, name)) continue;
      const [before, after] = [states[at]?.[name], states[at + 1]?.[name]];
      if (powerOperation(step.operation).isPart?.(value, before, after) === true) return true;
    }
    return false;
  }

  /** A commit of several is there as a whole or not at all. */
  function judgeTogether(): void {
    const names = Object.keys(values);
    const isAt = (state: Holdings): boolean =>
      names.every((name) => isDeepStrictEqual(state[name], values[name]));
    if (states.slice(acted.acknowledged).some(isAt)) return;
    judgement.torn += 1;
    judgement.explanations.push(`no state of all together: ${shown(values)}`);
  }

  /** After how many steps everything that was acknowledged at `disk` of this subject is there. */
  function leastOf(name: string): number {
    if (strict) return acted.acknowledged;
    const kept = steps.slice(0, acted.acknowledged);
    return 1 + kept.findLastIndex((step) => step.durability === "disk" && changes(step, name));
  }

  /** Written at `os` where names may come before their data: where the file system does not say otherwise, or the name is new. */
  function mayBeEmpty(name: string): boolean {
    if (strict || !steps.some((step) => step.durability === "os" && changes(step, name))) return false;
    return !options.ordersDataBeforeNames || options.flushed || leastOf(name) === 0;
  }
}

function changes({ operation }: Step, name: string): boolean {
  return powerOperation(operation).subjects.includes(name);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 200 ? `${text.slice(0, 120)}… (${text.length} characters)` : text;
}
