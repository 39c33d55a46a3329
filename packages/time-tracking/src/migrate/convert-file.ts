import type { FileView } from "../book/file-view.ts";
import type { TimeView } from "../book/time-view.ts";
import { emptyFile } from "../variants/detect.ts";
import { encodeEntry } from "../variants/extras.ts";
import { extrasKey, type Json, type Shape } from "../variants/shape.ts";

/** A file of a variant with this time in it. What records held beyond their variant goes along. */
export function fileOf(
  view: Pick<TimeView, "entries" | "timers">,
  foreign: ReadonlyMap<string, Readonly<Json>>,
  to: Shape,
): Json {
  const target = emptyFile(to.name);
  let latestMs = 0;
  for (const entry of view.entries()) {
    const record = encodeEntry(to, entry);
    const kept = foreign.get(entry.id);
    if (kept !== undefined) record[extrasKey] = { ...(record[extrasKey] as Json), foreign: kept };
    to.listOf(target, entry.taskId).push(record);
    latestMs = Math.max(latestMs, entry.endedAtMs);
  }
  for (const timer of view.timers) to.putTimer(target, timer);
  for (const taskId of new Set(view.entries().map((entry) => entry.taskId))) {
    const timer = view.timers.findLast((each) => each.taskId === taskId);
    to.touch(target, taskId, { atMs: latestMs, timer: timer?.state ?? "gone" });
  }
  return target;
}

/** Fields of records that neither their variant nor this package wrote. */
export function foreignFields(file: Json, view: FileView): ReadonlyMap<string, Json> {
  const ids = new Map(
    view.entries().map((entry) => {
      const place = view.place(entry.id);
      return [JSON.stringify([place?.taskId, place?.index]), entry] as const;
    }),
  );
  const found = new Map<string, Json>();
  view.shape.visit(file, (record, taskId, index) => {
    const entry = ids.get(JSON.stringify([taskId, index]));
    if (entry === undefined) return;
    const own = { ...view.shape.write(entry), reason: "", [extrasKey]: {} };
    const others = Object.entries(record as Json).filter(([key]) => !Object.hasOwn(own, key));
    const known = ((record as Json)[extrasKey] as Json | undefined)?.["foreign"] as Json | undefined;
    const fields = { ...known, ...Object.fromEntries(others) };
    if (Object.keys(fields).length > 0) found.set(entry.id, fields);
  });
  return found;
}
