import { isObject } from "../arguments.ts";
import { TimeFormatError } from "../errors.ts";
import { hours, hoursUnix } from "./hours.ts";
import { milliseconds } from "./milliseconds.ts";
import { minutes } from "./minutes.ts";
import { seconds } from "./seconds.ts";
import type { Json, Shape, VariantName } from "./shape.ts";

const shapes: Readonly<Record<VariantName, Shape>> = {
  seconds,
  hours,
  minutes,
  milliseconds,
  "hours-unix": hoursUnix,
};

/** The variant of that name. @throws {TypeError} there is none. */
export function shapeNamed(name: unknown): Shape {
  const shape =
    typeof name === "string" && Object.hasOwn(shapes, name) ? shapes[name as VariantName] : undefined;
  if (shape === undefined) throw new TypeError(`variant must be one of ${Object.keys(shapes).join(", ")}`);
  return shape;
}

/**
 * Tells the variant of a file by what is in it: `sessions` as an object, as a list of one kind or another, or tasks at the top.
 * An empty one is `hours`, FlowForge's own.
 *
 * @throws {TimeFormatError} `ERR_TIME_FORMAT`: it is none of them.
 */
export function shapeOf(file: unknown, path: string): Shape {
  if (!isObject(file)) throw new TimeFormatError(path, "it holds no JSON object");
  const { sessions } = file;
  if (Array.isArray(sessions)) return shapeOfList(file as Json, sessions);
  if (isObject(sessions)) {
    if (Object.values(sessions).every((task) => isObject(task) && Array.isArray(task["sessions"])))
      return seconds;
    throw new TimeFormatError(path, "below sessions stands something that is no task with sessions");
  }
  let unix = false;
  for (const [key, task] of Object.entries(file)) {
    if (!isObject(task) || !isTask(task))
      throw new TimeFormatError(path, `${JSON.stringify(key.slice(0, 60))} is no task with sessions`);
    const first = (task["sessions"] as unknown[] | undefined)?.[0] ?? task["current_session"];
    unix ||= isObject(first) && typeof first["start"] === "number";
  }
  return unix ? hoursUnix : hours;
}

function isTask(task: Readonly<Record<string, unknown>>): boolean {
  const sessions = task["sessions"] ?? null;
  return Array.isArray(sessions) || (sessions === null && "current_session" in task);
}

function shapeOfList(file: Json, sessions: readonly unknown[]): Shape {
  const first = sessions.find(isObject);
  if (first === undefined) return "current_session" in file ? minutes : milliseconds;
  return "issue_id" in first || "start_time" in first || "duration_minutes" in first ? minutes : milliseconds;
}

/** A new file of a variant. */
export function emptyFile(name: VariantName): Json {
  if (name === "seconds") return { sessions: {} };
  if (name === "milliseconds") return { sessions: [] };
  if (name === "minutes") return { sessions: [], current_session: null };
  return {};
}
