import { RecordLine } from "@flockwork/core";

/** What `JSON.parse` tells of a number beside its value. */
type Parsed = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };

/** A member of the record in a line, with its numbers as they are written there: as values, some would be rounded. */
export function exactMember(text: string, name: "payload" | "line"): RecordLine {
  const exactly: Parsed = (_, value, { source }) =>
    typeof value === "number" && source !== undefined && source !== String(value) ? rawJSON(source) : value;
  const record: unknown = JSON.parse(text, exactly as (key: string, value: unknown) => unknown);
  return new RecordLine(JSON.stringify((record as Readonly<Record<string, unknown>>)[name]));
}
