import { createHash, hash, type Hash } from "node:crypto";

const digits = 32;

/** Names the content of a file: equal revisions mean equal bytes. 128 bits of SHA-256, 32 hexadecimal digits. */
export function contentRevision(bytes: Uint8Array): string {
  return hash("sha256", bytes, "hex").slice(0, digits);
}

/** The same for content that comes in pieces. */
export class ContentHash {
  readonly #hash: Hash = createHash("sha256");

  add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** Ends it. */
  revision(): string {
    return this.#hash.digest("hex").slice(0, digits);
  }
}
