import { PayloadInvalidError } from "./errors.ts";
import type { PayloadSchema } from "./job-line.ts";

/** @throws {PayloadInvalidError} the schema refuses it. */
export async function checkPayload<Payload>(schema: PayloadSchema<Payload>, payload: unknown): Promise<void> {
  const { issues } = await schema["~standard"].validate(payload);
  if (issues === undefined) return;
  throw new PayloadInvalidError(
    issues.map(({ message, path = [] }) => ({ message, path: path.map((segment) => keyOf(segment)) })),
  );
}

function keyOf(segment: PropertyKey | { readonly key: PropertyKey }): string | number {
  const key = typeof segment === "object" ? segment.key : segment;
  return typeof key === "symbol" ? key.toString() : key;
}
