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

/** Members under names of the caller's choice. */
export type StoreMembers = Readonly<Record<string, StoreMember>>;
