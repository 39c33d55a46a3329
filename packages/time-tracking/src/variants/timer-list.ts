/** Timers that a variant has no place for: a list under our own key, in the file or in a task. */
import { isObject } from "../arguments.ts";
import type { Timer } from "../time/entry.ts";
import { decodeStoredTimer } from "./extras.ts";
import { NoPlaceError } from "./no-place.ts";
import { extrasKey, type FoundTimer, type Json } from "./shape.ts";

type Owner = { [extrasKey]?: { timers?: Json[] } };

/** What stands under our key, if anything does. @throws {NoPlaceError} it is something else. */
function extrasOf(owner: Json): { timers?: Json[] } | undefined {
  const extras: unknown = owner[extrasKey];
  if (extras === undefined) return undefined;
  const timers: unknown = isObject(extras) ? extras["timers"] : null;
  if (timers === undefined || (Array.isArray(timers) && timers.every(isObject)))
    return extras as { timers?: Json[] };
  throw new NoPlaceError(`what stands under ${extrasKey} is no list of timers`);
}

/** The timers of a list, of one task where it is a task's; what is none is passed over and stays. */
export function listedTimers(owner: Json, taskId?: string): FoundTimer[] {
  const extras: unknown = owner[extrasKey];
  const timers = isObject(extras) ? extras["timers"] : undefined;
  if (!Array.isArray(timers)) return [];
  return (timers as Json[]).flatMap((record) => {
    const native = decodeStoredTimer(record);
    if (typeof native === "string" || (taskId ?? native.taskId) !== native.taskId) return [];
    return [{ native, record: { [extrasKey]: record } }];
  });
}

export function putListed(owner: Json, timer: Timer): void {
  const extras = extrasOf(owner) ?? ((owner as Owner)[extrasKey] = {});
  const timers = (extras.timers ??= []);
  const at = timers.findIndex(({ id }) => id === timer.id);
  const record = { ...timer } as unknown as Json;
  if (at === -1) timers.push(record);
  else timers[at] = record;
}

export function removeListed(owner: Json, id: string): void {
  const extras = extrasOf(owner);
  const at = extras?.timers?.findIndex((timer) => timer["id"] === id) ?? -1;
  if (extras?.timers === undefined || at === -1) return;
  extras.timers.splice(at, 1);
  if (extras.timers.length > 0) return;
  delete extras.timers;
  if (Object.keys(extras).length === 0) delete (owner as Owner)[extrasKey];
}
