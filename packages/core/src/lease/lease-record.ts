import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isObject } from "../is-object.ts";
import { isFencingToken } from "./fencing-token.ts";

/**
 * A lease as it lies in the data: in a document of leases, in a task, in a record of a log. Nothing is removed when it
 * ends: its token must be known to whoever grants the next one. Fields that are not listed here are kept.
 */
export interface LeaseRecord {
  /** Who holds it, or held it last. Two programs that may hold it at once need two names. */
  readonly holder: string;
  /** The fencing token of this grant: a decimal string. */
  readonly token: string;
  /** ISO 8601, as all instants here: for people, and for judges of another boot. */
  readonly acquiredAt: string;
  readonly renewedAt: string;
  readonly expiresAt: string;
  /** Milliseconds each grant and each renewal lasts. */
  readonly leaseMs: number;
  /** Milliseconds after `expiresAt` in which only the holder may renew it. */
  readonly graceMs: number;
  /** Set when its holder gave it back. */
  readonly releasedAt?: string | undefined;
  /** The expiry on the clock that the granting process shares with others: preferred to `expiresAt` where it can be read. */
  readonly monotonic?: { readonly clock: string; readonly expiresAtMs: number } | undefined;
}

const instants = ["acquiredAt", "renewedAt", "expiresAt"] as const;

/** A Standard Schema of {@link LeaseRecord}, for documents and logs that hold some. It accepts further fields. */
export const leaseRecord: StandardSchemaV1<LeaseRecord> = {
  "~standard": {
    version: 1,
    vendor: "flockwork",
    validate: (value) => {
      const issues = faultsOf(value);
      return issues.length === 0 ? { value: value as LeaseRecord } : { issues };
    },
  },
};

/** Whether a value is a lease record: the same check, for schemas of other libraries (`z.custom(isLeaseRecord)`). */
export function isLeaseRecord(value: unknown): value is LeaseRecord {
  return faultsOf(value).length === 0;
}

function faultsOf(value: unknown): StandardSchemaV1.Issue[] {
  if (!isObject(value)) return [{ message: "a lease record must be an object", path: [] }];
  const issues: StandardSchemaV1.Issue[] = [];
  const expect = (field: string, holds: boolean, what: string): void => {
    if (!holds) issues.push({ message: `${field} must be ${what}`, path: [field] });
  };
  expect("holder", typeof value["holder"] === "string" && value["holder"] !== "", "a non-empty string");
  expect("token", isFencingToken(value["token"]), "a decimal string");
  for (const field of instants) expect(field, isInstant(value[field]), "an ISO 8601 instant");
  expect("leaseMs", isDuration(value["leaseMs"]) && value["leaseMs"] > 0, "more than 0 milliseconds");
  expect("graceMs", isDuration(value["graceMs"]), "0 or more milliseconds");
  const { releasedAt, monotonic } = value;
  expect("releasedAt", releasedAt === undefined || isInstant(releasedAt), "an ISO 8601 instant, where it is");
  expect(
    "monotonic",
    monotonic === undefined || isStamp(monotonic),
    "a clock and its expiresAtMs, where it is",
  );
  return issues;
}

function isInstant(value: unknown): boolean {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

function isDuration(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isStamp(value: unknown): boolean {
  return isObject(value) && typeof value["clock"] === "string" && Number.isFinite(value["expiresAtMs"]);
}
