/** What the variants of FlowForge's time file have in common, and what each must say of itself. */
import type { TimeEntry, Timer } from "../time/entry.ts";

/**
 * The five ways in which FlowForge's programs write time.
 *
 * `seconds`: by task, whole seconds (ETA provider). `hours`: by task, hours with two decimals (`task-time.sh`); `hours-unix`: the
 * same with starts in Unix seconds. `minutes`: one list (status line). `milliseconds`: one list (provider cache).
 */
export type VariantName = "seconds" | "hours" | "hours-unix" | "minutes" | "milliseconds";

export type Json = Record<string, unknown>;

/** What a record of a variant says by itself, without what this package adds. */
export interface Native {
  readonly taskId: string;
  readonly actorId?: string | undefined;
  readonly instanceId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** The duration it states. */
  readonly statedMs?: number | undefined;
  readonly billable?: boolean | undefined;
  readonly reason?: string | undefined;
}

/** A running timer as a variant's own fields tell it. */
export interface NativeTimer extends Omit<Native, "endedAtMs" | "statedMs"> {
  readonly id?: string | undefined;
  readonly state: "running" | "paused";
  readonly pausedAtMs?: number | undefined;
}

/** Where a timer stands in a file, and what it says. */
export interface FoundTimer {
  readonly native: NativeTimer;
  /** The object that holds it; undefined for one that only follows from the state of its task. */
  readonly record: Json | undefined;
}

/** One variant. Files are frozen when read, and drafts when changed. */
export interface Shape {
  readonly name: VariantName;
  /** By how much what a record says may be coarser than what is known, in milliseconds. */
  readonly tolerance: { readonly instantMs: number; readonly endMs: number; readonly durationMs: number };
  /** Calls for each record of finished work, with its task where the place tells it, and its index in its list. */
  visit(file: Json, visitor: (record: unknown, taskId: string | undefined, index: number) => void): void;
  /** Whether a record may end after a moment. Cheap; may say yes in doubt. */
  mayEndAfter(record: Json, atMs: number): boolean;
  /** What a record says; a string that tells what is wrong with it. */
  read(record: Json, taskId: string | undefined): Native | string;
  /** The variant's own fields of an entry. */
  write(entry: TimeEntry): Json;
  /** The list that entries of a task stand in. Made where it is missing, with the task. */
  listOf(draft: Json, taskId: string): unknown[];
  timers(file: Json): FoundTimer[];
  /** Writes a timer in place of the one with its id, or anew. */
  putTimer(draft: Json, timer: Timer): void;
  /** Takes a timer out. Returns the record it stood in. */
  removeTimer(draft: Json, timer: Timer): Json | undefined;
  /** Brings totals and states of a task up to date. */
  touch(draft: Json, taskId: string, touched: Touched): void;
}

/** What was done to a task. */
export interface Touched {
  readonly atMs: number;
  /** The timer that changed: what became of it. */
  readonly timer?: "running" | "paused" | "gone" | undefined;
}

/** What this package adds to a record, under one key, so that other programs' fields are never mistaken for it. */
export const extrasKey = "flockwork";

/** The member of a name; made where there is none. A name such as `toString` is one like any other. */
export function ownOr<T>(object: Record<string, T>, name: string, make: () => T): T {
  if (!Object.hasOwn(object, name)) object[name] = make();
  return object[name] as T;
}
