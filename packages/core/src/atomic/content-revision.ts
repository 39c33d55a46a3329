import { hash } from "node:crypto";

/** Names the content of a file: equal revisions mean equal bytes. 128 bits of SHA-256, 32 hexadecimal digits. */
export function contentRevision(bytes: Uint8Array): string {
  return hash("sha256", bytes, "hex").slice(0, 32);
}
