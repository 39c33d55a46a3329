import { randomUUID } from "node:crypto";
import type { TimeChange, TimeRecord } from "../book/change.ts";
import { JournalView } from "../book/journal-view.ts";
import type { TimeView } from "../book/time-view.ts";
import type { Json } from "../variants/shape.ts";

const changesInLine = 200;
type Held = Pick<TimeView, "entries" | "timers">;

/** What a journal comes to, and what came into it from records of other programs. */
export interface JournalContent {
  readonly view: JournalView;
  readonly foreign: ReadonlyMap<string, Readonly<Json>>;
  readonly isEmpty: boolean;
}

export function contentOf(records: readonly TimeRecord[]): JournalContent {
  const view = new JournalView();
  const foreign = new Map<string, Readonly<Json>>();
  for (const record of records) {
    view.apply(record);
    for (const [id, fields] of Object.entries(record.foreign ?? {})) foreign.set(id, fields);
  }
  return { view, foreign, isEmpty: view.entries().length === 0 && view.timers.length === 0 };
}

/** The lines that bring time into a journal that has none. */
export function movingIn(held: Held, foreign: ReadonlyMap<string, Readonly<Json>>): readonly TimeRecord[] {
  return linesOf([
    ...held.entries().map((after): TimeChange => ({ kind: "entry", id: after.id, before: null, after })),
    ...held.timers.map((after): TimeChange => ({ kind: "timer", id: after.id, before: null, after })),
  ]).map((line) => {
    const own = line.changes.flatMap(({ kind, id }) => {
      const fields = kind === "entry" ? foreign.get(id) : undefined;
      return fields === undefined ? [] : [[id, fields] as const];
    });
    return own.length === 0 ? line : { ...line, foreign: Object.fromEntries(own) };
  });
}

/** The lines that take all time out of a journal. What was said before stays in it. */
export function movingOut(held: Held): readonly TimeRecord[] {
  return linesOf([
    ...held.entries().map((before): TimeChange => ({ kind: "entry", id: before.id, before, after: null })),
    ...held.timers.map((before): TimeChange => ({ kind: "timer", id: before.id, before, after: null })),
  ]);
}

function linesOf(changes: readonly TimeChange[]): readonly TimeRecord[] {
  const [op, atMs] = [randomUUID(), Date.now()];
  const lines: TimeRecord[] = [];
  for (let at = 0; at < changes.length; at += changesInLine)
    lines.push({ op, what: "migrate", atMs, changes: changes.slice(at, at + changesInLine) });
  return lines;
}
