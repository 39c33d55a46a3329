/**
 * Tasks of other tools as FlowForge's, and back. What FlowForge has no field for is kept aside in the task (`origin`), so that
 * the way back restores it; what the other tool has no field for goes into a field of its own where it has one. Nothing is
 * dropped without a line in the report.
 */
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
  const text = String(value);
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : text;
}

/** Fields of ours that no other tool has. `claim` says who works on it here, which means nothing elsewhere. */
export const ownFields: readonly string[] = ["claim", "origin"];
