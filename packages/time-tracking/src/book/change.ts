import { isObject } from "../arguments.ts";
import type { TimeEntry, Timer } from "../time/entry.ts";

/** What became of one entry or one timer. Null: it is not there. */
export type TimeChange =
  | {
      readonly kind: "entry";
      readonly id: string;
      readonly before: TimeEntry | null;
      readonly after: TimeEntry | null;
    }
  | {
      readonly kind: "timer";
      readonly id: string;
      readonly before: Timer | null;
      readonly after: Timer | null;
    };

/** One operation, or a part of a large one, as a line of the history, or of the journal. */
export interface TimeRecord {
  /** Names the operation. Parts of one have the same. */
  readonly op: string;
  /** What was asked for: `start`, `stop`, `edit`, … */
  readonly what: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Whose time it concerns. */
  readonly actorId?: string | undefined;
  /** The operation that this one undid. */
  readonly undid?: string | undefined;
  readonly changes: readonly TimeChange[];
  /** Of a migration: what other programs had put into the records of entries, by entry, for the way back. */
  readonly foreign?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

/** Whether two entries, or timers, say the same. */
export function isSame(one: object | null, other: object | null): boolean {
  return canonical(one) === canonical(other);
}

/** A JSON text that does not depend on the order of fields. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "null";
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${fields.join(",")}}`;
}

/** What several changes of one entry or timer come to, one after the other. */
export function coalesce(changes: readonly TimeChange[]): readonly TimeChange[] {
  const last = new Map<string, TimeChange>();
  for (const change of changes) {
    const key = `${change.kind} ${change.id}`;
    const earlier = last.get(key);
    last.set(key, earlier === undefined ? change : ({ ...change, before: earlier.before } as TimeChange));
  }
  return [...last.values()].filter(({ before, after }) => !isSame(before, after));
}
