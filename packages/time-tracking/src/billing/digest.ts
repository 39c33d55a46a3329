import { createHash } from "node:crypto";
import { canonical } from "../book/change.ts";
import type { TimeEntry } from "../time/entry.ts";
import type { Adjustment } from "./adjustment.ts";

/** SHA-256 in lower hexadecimal, of a value in a spelling that does not depend on the order of its fields. */
export function digestOf(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex");
}

/** What time weighs in a seal: everything but the invoice it stands on, which comes later. */
export function sealedText(item: TimeEntry | Adjustment): string {
  const { invoiceId: _, ...fields } = item;
  return canonical(fields);
}
