import type { TimeEntry } from "../time/entry.ts";
import { encodeEntry, isEntryExtra } from "../variants/extras.ts";
import { extrasKey, type Json, type Touched } from "../variants/shape.ts";
import type { TimeChange } from "./change.ts";
import type { FileView } from "./file-view.ts";

type EntryChange = Extract<TimeChange, { kind: "entry" }>;
type TimerChange = Extract<TimeChange, { kind: "timer" }>;

/**
 * Makes changes in the draft of a file: in place where an entry stands, so that whatever else is in its record stays.
 * Replacements come first and removals from the end on, since places are those of the file before.
 */
export function applyChanges(
  view: FileView,
  draft: Json,
  changes: readonly TimeChange[],
  atMs: number,
): void {
  const { shape } = view;
  const entries = changes.filter((change): change is EntryChange => change.kind === "entry");
  const timers = changes.filter((change): change is TimerChange => change.kind === "timer");
  const carried = new Map<string, Json>();
  const touched = new Map<string, Touched>();
  const moved: TimeEntry[] = [];
  const removals: { readonly list: unknown[]; readonly index: number }[] = [];
  for (const { id, before, after } of entries) {
    if (before === null) continue;
    const place = view.place(id);
    if (place === undefined) continue;
    const list = shape.listOf(draft, before.taskId);
    const record = list[place.index] as Json;
    touched.set(before.taskId, { atMs });
    if (after !== null && (place.taskId === undefined || after.taskId === before.taskId))
      overwrite(record, encodeEntry(shape, after));
    else {
      removals.push({ list, index: place.index });
      if (after === null) continue;
      carried.set(after.id, { ...record });
      moved.push(after);
    }
  }
  for (const { list, index } of removals.toSorted((one, other) => other.index - one.index))
    list.splice(index, 1);
  for (const { before, after } of timers) {
    const gone = after === null || (before !== null && before.taskId !== after.taskId);
    const record =
      before !== null && (gone || after?.state === "paused") ? shape.removeTimer(draft, before) : undefined;
    if (before !== null && record !== undefined) carried.set(whose(before), record);
    if (before !== null && gone) touched.set(before.taskId, { atMs, timer: "gone" });
    if (after === null) continue;
    shape.putTimer(draft, after);
    touched.set(after.taskId, { atMs, timer: after.state });
  }
  const added = entries.flatMap(({ before, after }) => (before === null && after !== null ? [after] : []));
  for (const entry of [...moved, ...added]) {
    const carry = carried.get(entry.id) ?? carried.get(whose(entry)) ?? {};
    carried.delete(whose(entry));
    shape.listOf(draft, entry.taskId).push({ ...withoutExtras(carry), ...encodeEntry(shape, entry) });
    if (!touched.has(entry.taskId)) touched.set(entry.taskId, { atMs });
  }
  for (const [taskId, what] of touched) shape.touch(draft, taskId, what);
}

/** What another program noted at a running timer goes into the entry that comes of it. */
function whose({ taskId, actorId }: { readonly taskId: string; readonly actorId: string }): string {
  return JSON.stringify([taskId, actorId]);
}

function withoutExtras(record: Json): Json {
  const fields = { ...record };
  delete fields[extrasKey];
  return fields;
}

function overwrite(record: Json, fields: Json): void {
  const ours = record[extrasKey] as Json | undefined;
  const unknown = Object.entries(ours ?? {}).filter(([key]) => !isEntryExtra(key));
  Object.assign(record, fields, {
    [extrasKey]: { ...(fields[extrasKey] as Json), ...Object.fromEntries(unknown) },
  });
  if (!("reason" in fields)) delete record["reason"];
}
