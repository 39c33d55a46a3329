/** Looks for what must not be: edits of what is sealed, invoices that do not add up, time counted twice. */
import type { TimeProblem } from "../book/time-view.ts";
import { overlaps } from "../time/interval.ts";
import type { TimeEntry } from "../time/entry.ts";
import { digestOf } from "./digest.ts";
import type { Invoice } from "./invoice.ts";
import type { Ledger } from "./ledger.ts";
import { digestDays } from "./seal.ts";

/** One thing that is wrong. */
export interface Finding {
  readonly kind:
    | "seal-changed"
    | "seal-chain"
    | "sealed-day-changed"
    | "invoice-changed"
    | "invoice-chain"
    | "invoice-sum"
    | "billed-twice"
    | "bill-mark"
    | "overlap"
    | "unreadable";
  readonly subject: string;
  readonly why: string;
}

export interface Verification {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

export function verifyTime(
  entries: readonly TimeEntry[],
  ledger: Ledger,
  problems: readonly TimeProblem[] = [],
): Verification {
  const findings = [
    ...verifySeals(entries, ledger),
    ...verifyInvoices(entries, ledger),
    ...findOverlaps(entries),
    ...problems.map(({ taskId = "", index, why }): Finding => ({
      kind: "unreadable",
      subject: `${taskId}[${index}]`,
      why,
    })),
  ];
  return { ok: findings.length === 0, findings };
}

function* verifySeals(entries: readonly TimeEntry[], { seals, adjustments }: Ledger): Generator<Finding> {
  let previous = "";
  let after = "";
  for (const { hash, ...seal } of seals) {
    const subject = `seal through ${seal.through}`;
    if (digestOf(seal) !== hash)
      yield { kind: "seal-changed", subject, why: "its hash is not that of what it says" };
    if (seal.previous !== previous)
      yield { kind: "seal-chain", subject, why: "it does not follow the seal before it" };
    const days = digestDays(entries, adjustments, after, seal.through);
    for (const day of new Set([...Object.keys(days), ...Object.keys(seal.days)].toSorted())) {
      const [now, then] = [days[day], seal.days[day]];
      if (now?.digest === then?.digest) continue;
      const counts = `${then?.entries ?? 0} entries were sealed, ${now?.entries ?? 0} are there`;
      yield { kind: "sealed-day-changed", subject: day, why: `${counts}, and they are not the same` };
    }
    previous = hash;
    after = seal.through;
  }
}

function* verifyInvoices(
  entries: readonly TimeEntry[],
  { invoices, adjustments }: Ledger,
): Generator<Finding> {
  let previous = "";
  const voided = new Set(invoices.map(({ voids }) => voids));
  const standing = new Map<string, string>();
  const marks = new Map([...entries, ...adjustments].map(({ id, invoiceId }) => [id, invoiceId]));
  for (const { hash, ...invoice } of invoices) {
    const subject = invoice.id;
    if (digestOf(invoice) !== hash)
      yield { kind: "invoice-changed", subject, why: "its hash is not that of what it says" };
    if (invoice.previous !== previous)
      yield { kind: "invoice-chain", subject, why: "it does not follow the one before it" };
    previous = hash;
    if (invoice.voids !== undefined || voided.has(invoice.id)) continue;
    yield* verifySums(invoice);
    for (const id of [...invoice.entryIds, ...invoice.adjustmentIds]) {
      const other = standing.get(id);
      if (other !== undefined)
        yield { kind: "billed-twice", subject: id, why: `it stands on ${other} and on ${invoice.id}` };
      standing.set(id, invoice.id);
      if (marks.get(id) !== invoice.id)
        yield {
          kind: "bill-mark",
          subject: id,
          why: `${invoice.id} bills it, and it says ${marks.get(id) ?? "nothing"}`,
        };
    }
  }
  for (const [id, invoiceId] of marks)
    if (invoiceId !== undefined && standing.get(id) !== invoiceId)
      yield { kind: "bill-mark", subject: id, why: `it says ${invoiceId}, which does not bill it` };
}

function* verifySums({ id, lines, total, billedMs }: Omit<Invoice, "hash">): Generator<Finding> {
  const amount = lines.reduce((sum, line) => sum + line.amount.minorUnits, 0);
  const ms = lines.reduce((sum, line) => sum + line.billedMs, 0);
  if (amount !== total.minorUnits || ms !== billedMs)
    yield { kind: "invoice-sum", subject: id, why: "its lines do not add up to its total" };
}

/** Entries of one actor that share a moment: what other programs wrote without asking. */
export function* findOverlaps(entries: readonly TimeEntry[]): Generator<Finding> {
  const sorted = entries.toSorted((one, other) => one.startedAtMs - other.startedAtMs);
  const latest = new Map<string, TimeEntry>();
  for (const entry of sorted) {
    const last = latest.get(entry.actorId);
    if (last !== undefined && overlaps(last, entry))
      yield { kind: "overlap", subject: entry.id, why: `${entry.actorId} has ${last.id} at the same time` };
    if (last === undefined || entry.endedAtMs > last.endedAtMs) latest.set(entry.actorId, entry);
  }
}
