/**
 * What a rewrite keeps. A string is iterable too, and its characters would replace the log.
 * @throws {TypeError} it is no collection.
 */
export function checkRewritten(kept: unknown, verb: "return" | "get" = "return"): Iterable<unknown> {
  const isCollection =
    typeof kept === "object" &&
    kept !== null &&
    !(kept instanceof String) &&
    !ArrayBuffer.isView(kept) &&
    typeof (kept as Partial<Iterable<unknown>>)[Symbol.iterator] === "function";
  if (isCollection) return kept as Iterable<unknown>;
  const got = kept === null ? "null" : typeof kept;
  throw new TypeError(
    `rewrite must ${verb} an array, or another iterable, of entries and records, got ${got}. Nothing was changed.`,
  );
}
