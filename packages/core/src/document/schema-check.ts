import type { StandardSchemaV1 } from "@standard-schema/spec";
import { DocumentInvalidError, type SchemaIssue } from "../errors.ts";
import { settled, type Steps } from "./steps.ts";

/** Values each schema has accepted. They are frozen: what was valid stays valid. */
const accepted = new WeakMap<StandardSchemaV1, WeakSet<object>>();

/**
 * Asks a schema whether it accepts a value. What the schema makes of the value is not used: fields it does not know stay.
 *
 * @throws {DocumentInvalidError} with everything it found wrong.
 */
export function* checkSchema(
  path: string,
  schema: StandardSchemaV1 | undefined,
  value: unknown,
): Steps<void> {
  if (schema === undefined || isAccepted(schema, value)) return;
  const result = yield* settled(schema["~standard"].validate(value));
  if (result.issues !== undefined) throw new DocumentInvalidError(path, result.issues.map(issueOf));
  if (typeof value !== "object" || value === null) return;
  let values = accepted.get(schema);
  if (values === undefined) accepted.set(schema, (values = new WeakSet()));
  values.add(value);
}

function isAccepted(schema: StandardSchemaV1, value: unknown): boolean {
  return typeof value === "object" && value !== null && accepted.get(schema)?.has(value) === true;
}

function issueOf(issue: StandardSchemaV1.Issue): SchemaIssue {
  const keys = issue.path ?? [];
  return {
    message: issue.message,
    path: keys.map((part) => keyOf(typeof part === "object" ? part.key : part)),
  };
}

function keyOf(key: PropertyKey): string | number {
  return typeof key === "symbol" ? String(key) : key;
}
