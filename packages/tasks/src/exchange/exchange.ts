/**
 * Tasks of other tools as FlowForge's, and back. What FlowForge has no field for is kept aside in the task (`origin`), so that
 * the way back restores it; what the other tool has no field for goes into a field of its own where it has one. Nothing is
 * dropped without a line in the report.
 */
import { inWords } from "../in-words.ts";
import { isEqual } from "../json-equal.ts";
import type { FlowForgeTask } from "../flowforge/task.ts";

/** A field that has no counterpart on the other side. */
export interface Loss {
  /** The task, as it is called on the side it comes from. */
  readonly id: string;
  readonly field: string;
  /** `aside`: kept where only the way back looks. `changed`: another value stands for it. `lost`: gone. */
  readonly fate: "aside" | "changed" | "lost";
  readonly why: string;
}

/** Tasks for `FlowForgeTasks.batchUpdateTasks`, and what could not be said in FlowForge's fields. */
export interface Imported {
  readonly tasks: readonly FlowForgeTask[];
  readonly losses: readonly Loss[];
}

export type Fields = Readonly<Record<string, unknown>>;

/** What was kept aside of a task that came from `format`. */
export function originOf(task: FlowForgeTask, format: string): Fields {
  const { origin } = task as { readonly origin?: unknown };
  if (!isFields(origin) || origin["format"] !== format || !isFields(origin["fields"])) return {};
  return origin["fields"];
}

/** A task with what has no field of its own kept aside. */
export function withOrigin(task: FlowForgeTask, format: string, fields: Fields): FlowForgeTask {
  const kept = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return Object.keys(kept).length === 0
    ? task
    : ({ ...task, origin: { format, fields: kept } } as FlowForgeTask);
}

/** Everything but these fields. */
export function without(fields: object, names: readonly string[]): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([name, value]) => !names.includes(name) && value !== undefined && name !== "__proto__",
    ),
  );
}

/** Those of the given fields that would come back otherwise than they came. Empty values say nothing. */
export function unlike(given: Fields, back: Fields, names: readonly string[]): Fields {
  const says = (value: unknown): boolean =>
    value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
  const kept = names.filter((name) => says(given[name]) && !isEqual(given[name], back[name]));
  return Object.fromEntries(kept.map((name) => [name, given[name]]));
}

/**
 * What was kept aside and is to be given back: all that has no field of its own, and of the rest what nobody changed since.
 * @param now - What the task gives without it.
 * @param then - What it gave when what was kept came in.
 */
export function restored(kept: Fields, now: Fields, then: Fields): Fields {
  const given = Object.entries(kept).filter(([name]) => isEqual(now[name], then[name]));
  return Object.fromEntries(given);
}

/** What another tool's `metadata` holds beside what we put there. Undefined where that is nothing. */
export function metadataOf(metadata: unknown): unknown {
  if (!isFields(metadata)) return metadata ?? undefined;
  const rest = without(metadata, ["flowforge"]);
  return Object.keys(rest).length === 0 ? undefined : rest;
}

/** The same, with what the other tool has no field for. */
export function withOwn(metadata: unknown, own: Fields): unknown {
  if (Object.keys(own).length === 0) return metadata;
  return { ...(isFields(metadata) ? metadata : {}), flowforge: own };
}

/** What we put there before. */
export function ownIn(metadata: unknown): Fields {
  return isFields(metadata) && isFields(metadata["flowforge"]) ? metadata["flowforge"] : {};
}

/** The other tool's word for one of ours, or ours for one of its. */
export function wordFor(words: Readonly<Record<string, string>>, word: string): string | undefined {
  return Object.hasOwn(words, word) ? words[word] : undefined;
}

/** A line of the report for each field. */
export function lossesOf(
  id: string,
  fields: Iterable<string>,
  fate: Loss["fate"],
  why: string,
): readonly Loss[] {
  return [...fields].map((field) => ({ id, field, fate, why }));
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A whole number where the text is one: FlowForge's own ids are. */
export function idOf(value: unknown): number | string {
  const text = inWords(value);
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : text;
}

/** Fields of ours that no other tool has. `claim` says who works on it here, which means nothing elsewhere. */
export const ownFields: readonly string[] = ["claim", "origin"];
