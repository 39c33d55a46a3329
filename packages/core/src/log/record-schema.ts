import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { SchemaIssue } from "../errors.ts";

/** What a schema finds wrong with a record. Its output is not used: a log stores what it was given. */
export function schemaIssuesOf(
  schema: StandardSchemaV1 | undefined,
  record: unknown,
): readonly SchemaIssue[] | undefined {
  if (schema === undefined) return undefined;
  const result = schema["~standard"].validate(record);
  if (result instanceof Promise)
    throw new TypeError("schema must check synchronously: a log is read and written under locks");
  return result.issues?.map(({ message, path }) => ({ message, path: (path ?? []).map(keyOf) }));
}

function keyOf(segment: PropertyKey | StandardSchemaV1.PathSegment): string | number {
  const key = typeof segment === "object" ? segment.key : segment;
  return typeof key === "symbol" ? key.toString() : key;
}
