import type { LogSpec } from "@flockwork/core";
import { isObject } from "../arguments.ts";
import { faultOf } from "../variants/extras.ts";
import type { TimeRecord } from "./change.ts";

/** Checks what matters here of a line of the history, or of the journal: the journal is all there is of what it holds. */
export const timeRecordSchema: NonNullable<LogSpec<TimeRecord>["schema"]> = {
  "~standard": {
    version: 1,
    vendor: "flockwork",
    validate: (value) => {
      const message = faultOfRecord(value);
      return message === undefined ? { value: value as TimeRecord } : { issues: [{ message }] };
    },
  },
};

/** Why a value is no line of a history or a journal; undefined where it is one. */
export function faultOfRecord(value: unknown): string | undefined {
  if (!isObject(value) || typeof value["op"] !== "string" || !Number.isFinite(value["atMs"]))
    return "it is no operation with an op and atMs";
  const { what, changes } = value;
  if (typeof what !== "string") return "what must say what was asked for";
  if (!Array.isArray(changes)) return "changes must be a list";
  for (const change of changes) {
    const fault = faultOfChange(change);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfChange(change: unknown): string | undefined {
  if (!isObject(change)) return "a change must be an object";
  const { kind, id } = change;
  if ((kind !== "entry" && kind !== "timer") || typeof id !== "string")
    return "a change is of an entry or a timer, with its id";
  for (const side of ["before", "after"] as const) {
    const fault = faultOfSide(kind, id, change[side]);
    if (fault !== undefined) return `${side} of ${kind} ${id.slice(0, 60)} cannot be read: ${fault}`;
  }
  return undefined;
}

function faultOfSide(kind: "entry" | "timer", id: string, side: unknown): string | undefined {
  if (side === null) return undefined;
  const fault = faultOf(kind, side);
  return fault ?? (isObject(side) && side["id"] === id ? undefined : "it has another id");
}
