import type { DeepReadonly } from "@flockwork/core";
import { TaskFormatError } from "../errors.ts";
import { isObject } from "./check-fields.ts";
import type { TaskBoard } from "./task-board.ts";
import type { FlowForgeTaskFile, Milestone } from "./task.ts";

type Entry = Readonly<Record<string, unknown>>;

/** The milestones of a file, whichever variant it has: a list, a map, or only the current one. */
export function milestonesOf(file: DeepReadonly<FlowForgeTaskFile>): readonly Milestone[] {
  const { milestones, current_milestone: current } = file;
  const found = Array.isArray(milestones)
    ? (milestones as readonly unknown[]).map((entry, at) => asMilestone(keyOf(entry) ?? String(at), entry))
    : Object.entries(typeof milestones === "object" ? (milestones ?? {}) : {}).map(([key, entry]) =>
        asMilestone(key, entry),
      );
  const currentKey = keyOf(current);
  if (currentKey === undefined || found.some(({ key }) => key === currentKey)) return found;
  return [...found, asMilestone(currentKey, current)];
}

/** What a `milestones.json` says is worked on. Undefined where it names none, or is something else. */
export function currentMilestoneIn(content: unknown): Milestone | undefined {
  const current = isObject(content) ? content["current"] : undefined;
  const key = keyOf(current);
  return key === undefined ? undefined : asMilestone(key, current);
}

/** The milestone that is worked on: what the file says, or else the first that is active. */
export function currentMilestoneOf(file: DeepReadonly<FlowForgeTaskFile>): Milestone | undefined {
  const key = keyOf(file.current_milestone);
  const all = milestonesOf(file);
  return all.find((each) => each.key === key) ?? all.find(({ status }) => status === "active");
}

/** Sets fields of a milestone, or adds it, in the variant of the file. */
export function setMilestone(
  board: TaskBoard,
  key: string,
  fields: Readonly<Record<string, unknown>>,
): Milestone {
  if (typeof key !== "string" || key === "" || key === "__proto__")
    throw new TypeError("key must be a non-empty string: the name of the milestone");
  const file = fileOf(board);
  const target = entryOf(file, key, board.where);
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) delete target[field];
    else if (field !== "__proto__" && target[field] !== value) target[field] = value;
  }
  board.touchFile();
  return asMilestone(key, JSON.parse(JSON.stringify(target)));
}

/** Removes a milestone. False where there is none of that key. */
export function removeMilestone(board: TaskBoard, key: string): boolean {
  const list = fileOf(board).milestones;
  if (Array.isArray(list)) {
    const at = (list as readonly unknown[]).findIndex((entry) => keyOf(entry) === key);
    if (at < 0) return false;
    (list as unknown[]).splice(at, 1);
  } else {
    if (list === undefined || list === null || !Object.hasOwn(list, key)) return false;
    delete (list as Record<string, unknown>)[key];
  }
  board.touchFile();
  return true;
}

/** @throws {TaskFormatError} its milestones are in no variant that can be changed. */
function fileOf({ file, where }: TaskBoard): TaskBoard["file"] {
  if (typeof (file.milestones ?? {}) === "object") return file;
  throw new TaskFormatError(where, "has milestones that are neither a list nor a map");
}

/** What is to be changed for a milestone: it is added where the file does not have it. */
function entryOf(file: TaskBoard["file"], key: string, where: string): Record<string, unknown> {
  if (Array.isArray(file.milestones)) return entryOfList(file.milestones as unknown[], key);
  const current: unknown = file.current_milestone;
  const hasNone = file.milestones === undefined || file.milestones === null;
  if (hasNone && isObject(current) && keyOf(current) === key) return current as Record<string, unknown>;
  return entryOfMap((file.milestones ??= {}) as Record<string, unknown>, key, where);
}

function entryOfList(list: unknown[], key: string): Record<string, unknown> {
  const found = list.find((entry) => keyOf(entry) === key && typeof entry === "object");
  if (found !== undefined) return found as Record<string, unknown>;
  list.push({ name: key });
  return list.at(-1) as Record<string, unknown>;
}

/** @throws {TaskFormatError} it has something else under that key, which would be lost. */
function entryOfMap(map: Record<string, unknown>, key: string, where: string): Record<string, unknown> {
  const found = Object.hasOwn(map, key) ? map[key] : undefined;
  if (isObject(found)) return found as Record<string, unknown>;
  if (found !== undefined && found !== null)
    throw new TaskFormatError(
      where,
      `cannot have its milestone ${JSON.stringify(key)} set: it is no object there. Make it one, or remove it`,
    );
  map[key] = {};
  return map[key] as Record<string, unknown>;
}

function keyOf(entry: unknown): string | undefined {
  if (typeof entry === "string") return entry;
  if (typeof entry !== "object" || entry === null) return undefined;
  const { key, id, name, version } = entry as Entry;
  const found = [key, id, name, version].find((each) => typeof each === "string" || typeof each === "number");
  return found === undefined ? undefined : String(found);
}

function asMilestone(key: string, entry: unknown): Milestone {
  return { ...(isObject(entry) ? entry : {}), key };
}
