import { createHash } from "node:crypto";

/** What a hash id is made of: the same input gives the same id on every machine. */
export interface IdSource {
  readonly title: string;
  readonly description: string;
  readonly creator: string;
  /** Nanoseconds since 1970. */
  readonly createdNs: bigint;
}

const shortest = 3;
const longest = 8;
/** Characters of an id, and of what may stand before a hash. */
export const longestId = 128;
export const longestPrefix: number = longestId - longest - 1;
/** Bytes of the hash that make an id of that many characters. */
const bytesFor: Readonly<Record<number, number>> = { 3: 2, 4: 3, 5: 4, 6: 4, 7: 5, 8: 5 };
const noncesPerLength = 10;
const deepest = 3;
/** Accepted probability that among so many ids two are the same. */
const collisionBound = 0.25;

/** `<prefix>-<base 36>`: the id that bd gives, for one length and one nonce. */
export function hashId(prefix: string, source: IdSource, length: number, nonce: number): string {
  const { title, description, creator, createdNs } = source;
  const content = `${title}|${description}|${creator}|${createdNs}|${nonce}`;
  const bytes = createHash("sha256").update(content).digest().subarray(0, bytesFor[length]);
  const number = BigInt(`0x${bytes.toString("hex")}`);
  return `${prefix}-${number.toString(36).padStart(length, "0").slice(-length)}`;
}

/** How long ids are among so many issues: the least length at which a collision is unlikely enough. */
export function idLength(issues: number): number {
  for (let length = shortest; length < longest; length += 1) {
    const collision = 1 - Math.exp(-(issues * issues) / (2 * 36 ** length));
    if (collision <= collisionBound) return length;
  }
  return longest;
}

/** The first hash id that is free: nonces 0 to 9 at the length that suits the number of issues, then longer. */
export function freeHashId(
  prefix: string,
  source: IdSource,
  issues: number,
  isTaken: (id: string) => boolean,
): string {
  for (let length = idLength(issues); length <= longest; length += 1) {
    for (let nonce = 0; nonce < noncesPerLength; nonce += 1) {
      const id = hashId(prefix, source, length, nonce);
      if (!isTaken(id)) return id;
    }
  }
  // Sixty ids of the same content are taken: it is made again and again within one nanosecond.
  return freeHashId(prefix, { ...source, createdNs: source.createdNs + 1n }, issues, isTaken);
}

/** The id of a child: its parent, a dot, a number. @throws {RangeError} deeper than three levels. */
export function childId(parent: string, number: number): string {
  if (!canHaveChildren(parent))
    throw new RangeError(`${parent} is ${deepest} levels deep: its children would be too deep for bd`);
  return `${parent}.${number}`;
}

/** Whether bd would take children of that id. */
export function canHaveChildren(parent: string): boolean {
  return depthOf(parent) < deepest;
}

/** Parent and number of a child's id; undefined for an id that is no child's. */
export function parentOf(id: string): { readonly parent: string; readonly number: number } | undefined {
  const [, parent, number] = /^(.+)\.(\d{1,9})$/.exec(id) ?? [];
  return parent === undefined ? undefined : { parent, number: Number(number) };
}

/** How many levels of children an id has above it. */
function depthOf(id: string): number {
  const above = parentOf(id);
  return above === undefined ? 0 : 1 + depthOf(above.parent);
}

/** What stands before an id's last dash: `bd` of `bd-a3f8.1`; undefined where there is none. */
export function prefixOf(id: string): string | undefined {
  const top = id.replace(/(\.\d+)+$/, "");
  const dash = top.lastIndexOf("-");
  return dash > 0 ? top.slice(0, dash) : undefined;
}
