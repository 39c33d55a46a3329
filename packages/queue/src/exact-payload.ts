import { RecordLine } from "@flockwork/core";
import type { JobLine } from "./job-line.ts";

/** What `JSON.parse` tells of a number beside its value. */
type Parsed = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };

/** The payload of a job's line, with its numbers as they are written there: as values, some would be rounded. */
export function exactPayload(text: string): RecordLine {
  const exactly: Parsed = (_, value, { source }) =>
    typeof value === "number" && source !== undefined && source !== String(value) ? rawJSON(source) : value;
  const { payload } = JSON.parse(text, exactly as (key: string, value: unknown) => unknown) as JobLine;
  return new RecordLine(JSON.stringify(payload));
}
