import type { StoreMembers } from "@flockwork/core";
import type { TimeRecord } from "./change.ts";
import type { TimeView } from "./time-view.ts";

/** Where time is kept: a document of one of FlowForge's variants, or a journal of our own. */
export interface TimeBook {
  /** The name of the file it is kept in. */
  readonly file: string;
  /** What a commit that changes time must span. */
  readonly members: StoreMembers;
  /** Whether operations can be undone: there is a history. */
  readonly hasHistory: boolean;
  /** As it is now. Takes no lock. */
  read(): Promise<TimeView>;
  /** Inside a `transact` over the members. Both are valid until its work ends. */
  open(drafts: Readonly<Record<string, unknown>>): Promise<OpenBook>;
  /** The newest operations, the newest last; at most a few hundred. */
  history(drafts?: Readonly<Record<string, unknown>>): Promise<readonly TimeRecord[]>;
}

/** A book whose locks are held. */
export interface OpenBook {
  readonly view: TimeView;
  write(records: readonly TimeRecord[]): void;
}
