/** A correction of time that may not be changed any more: an entry of its own, on the day it is made. */
export interface Adjustment {
  readonly id: string;
  /** The entry it corrects. */
  readonly entryId: string;
  readonly taskId: string;
  readonly actorId: string;
  readonly projectId?: string | undefined;
  readonly clientId?: string | undefined;
  /** Milliseconds to add to what is counted; negative to take some away. */
  readonly deltaMs: number;
  readonly reason: string;
  readonly atMs: number;
  /** The local day it belongs to. */
  readonly localDay: string;
  readonly billable: boolean;
  /** What an hour of it costs: the rate of what it corrects. */
  readonly rate?: { readonly minorUnits: number; readonly currency: string } | undefined;
  readonly invoiceId?: string | undefined;
}
