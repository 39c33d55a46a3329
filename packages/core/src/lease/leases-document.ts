import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { DeepReadonly } from "../document/deep-readonly.ts";
import type { WaitOptions } from "../options.ts";
import type { Instant } from "./clock.ts";
import { compareFencingTokens, highestFencingToken, isFencingToken } from "./fencing-token.ts";
import { isLeaseRecord, leaseRecord, type LeaseRecord } from "./lease-record.ts";
import { leaseState } from "./lease-state.ts";

/** The content of a document of leases. */
export interface LeasesContent {
  /** The highest token among the leases that were dropped to bound the document. */
  floor?: string | undefined;
  /** Name → lease. Ended ones stay, with their tokens. */
  leases: Record<string, LeaseRecord>;
}

/** What leases need of the document they lie in: `JsonDocument` and `StoreDocument` have it. */
export interface LeasesDocument {
  read(): Promise<DeepReadonly<LeasesContent>>;
  update(recipe: (draft: LeasesContent) => void, options?: WaitOptions): Promise<unknown>;
  watch(options: { readonly signal: AbortSignal }): AsyncIterator<unknown>;
}

/** A Standard Schema of {@link LeasesContent}: for a document of leases outside a store. */
export const leasesContent: StandardSchemaV1<LeasesContent> = {
  "~standard": {
    version: 1,
    vendor: "flockwork",
    validate: (value) => {
      const issues = faultsOf(value);
      return issues.length === 0 ? { value: value as LeasesContent } : { issues };
    },
  },
};

/** The document as it is before the first grant. */
export const noLeases = (): LeasesContent => ({ leases: {} });

/** Leases kept; beyond it, ended ones are dropped, the oldest first, down to half. */
const mostLeases = 1_000;

/** The lease of that name, where there is one. */
export function leaseOf(content: DeepReadonly<LeasesContent>, name: string): LeaseRecord | undefined {
  return Object.hasOwn(content.leases, name) ? content.leases[name] : undefined;
}

/** Drops ended leases when there are too many, and keeps the highest of their tokens. */
export function boundLeases(draft: LeasesContent, now: Instant, most: number = mostLeases): void {
  const entries = Object.entries(draft.leases);
  if (entries.length <= most) return;
  const ended = entries
    .filter(([, record]) => ["released", "expired"].includes(leaseState(record, now)))
    .toSorted(([, a], [, b]) => compareFencingTokens(a.token, b.token));
  const dropped = ended.slice(0, entries.length - Math.floor(most / 2));
  draft.floor = highestFencingToken([draft.floor, ...dropped.map(([, { token }]) => token)]);
  for (const [name] of dropped) delete draft.leases[name];
}

function faultsOf(value: unknown): readonly StandardSchemaV1.Issue[] {
  const { floor, leases } = (value ?? {}) as Partial<LeasesContent>;
  if (typeof leases !== "object" || leases === null || Array.isArray(leases))
    return [{ message: "leases must be an object: name → lease record", path: ["leases"] }];
  if (floor !== undefined && !isFencingToken(floor))
    return [{ message: "floor must be a decimal string", path: ["floor"] }];
  return Object.entries(leases).flatMap(([name, record]) => {
    if (isLeaseRecord(record)) return [];
    const result = leaseRecord["~standard"].validate(record) as StandardSchemaV1.FailureResult;
    return result.issues.map(({ message, path = [] }) => ({ message, path: ["leases", name, ...path] }));
  });
}
