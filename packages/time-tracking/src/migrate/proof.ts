import { canonical } from "../book/change.ts";
import type { TimeView } from "../book/time-view.ts";
import { digestOf } from "../billing/digest.ts";
import { TimeFormatError } from "../errors.ts";
import type { TimeEntry } from "../time/entry.ts";

/** That an entry is the same before and after. */
export interface EntryProof {
  readonly id: string;
  readonly workedMs: number;
  /** What it costs, in 3 600 000ths of a minor unit, as a decimal: exact. Zero without a rate. */
  readonly cost: string;
  /** SHA-256 of all that it says: equal before and after. */
  readonly digest: string;
}

/** What a proof is about. */
export interface Proven {
  readonly entries: number;
  readonly timers: number;
  readonly workedMs: number;
  /** One for each entry. */
  readonly proof: readonly EntryProof[];
}

type Held = Pick<TimeView, "entries" | "timers">;

/** @throws {TimeFormatError} an entry or a timer is not the same. */
export function proveSame(file: string, before: Held, after: Held, to: string): Proven {
  const entries = before.entries();
  const proof = entries.map(proofOf);
  const found = new Map(after.entries().map((entry) => [entry.id, proofOf(entry)]));
  const differing = proof.find((each) => canonical(each) !== canonical(found.get(each.id)));
  if (differing !== undefined || found.size !== proof.length)
    throw new TimeFormatError(file, `entry ${differing?.id ?? "count"} would not be the same in ${to}`);
  const timers = (held: Held): string => canonical(held.timers.map(canonical).toSorted());
  if (timers(before) !== timers(after))
    throw new TimeFormatError(file, `its timers would not be the same in ${to}`);
  const workedMs = entries.reduce((sum, entry) => sum + entry.workedMs, 0);
  return { entries: proof.length, timers: before.timers.length, workedMs, proof };
}

function proofOf(entry: TimeEntry): EntryProof {
  const { id, workedMs, rate } = entry;
  return {
    id,
    workedMs,
    cost: String(BigInt(workedMs) * BigInt(rate?.minorUnits ?? 0)),
    digest: digestOf(entry),
  };
}
