/** What a spec of any member says. */
export interface MemberSpec {
  /** Relative name with extension, such as `"machines.json"` or `".flowforge/billing/time-tracking.json"`. */
  readonly name: string;
}

/** What a commit may span: documents and logs of one store. */
export interface StoreMember {
  readonly name: string;
  readonly kind: "document" | "log";
}

/** Checks the members of a commit, where they enter. Returns their keys. @throws {TypeError} naming what is wrong. */
export function checkMembers(members: unknown): string[] {
  if (typeof members !== "object" || members === null || Array.isArray(members))
    throw new TypeError("members must be an object: a document or a log under each key");
  const keys = Object.keys(members);
  if (keys.length === 0) throw new TypeError("transact needs at least one member");
  return keys;
}

/** Members under names of the caller's choice. */
export type StoreMembers = Readonly<Record<string, StoreMember>>;
