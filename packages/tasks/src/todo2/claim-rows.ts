/**
 * Claims in exarp's table `tasks`. Whether a claim is granted, renewed or released is decided by one conditional UPDATE, whose
 * count of rows is the only truth; what is read afterwards only says why it was none.
 *
 * The fencing token is the version that the task had right after the claim. exarp has no place for it, so it lies in a table
 * beside, which exarp does not know: a claim that exarp made has the token 0.
 */
import { LeaseLostError, StaleFencingTokenError, type LeaseRecord } from "@flockwork/core";
import { TaskClaimedError, TaskFormatError } from "../errors.ts";
import {
  defaultClaimMs,
  longestClaimMs,
  type ClaimProof,
  type ClaimRecord,
  type ClaimRefusal,
  type ClaimRequest,
  type Eviction,
} from "../claims/claims.ts";
import { inWords } from "../in-words.ts";
import { countOf } from "./count-of.ts";
import { leaseFrom } from "../claims/lease-from.ts";
import { refuse } from "../claims/refusal.ts";
import type { ClaimRules } from "../claims/claim-rules.ts";
import type { Transaction } from "./transaction.ts";
import { noteActivity } from "./notes.ts";
import { requireCounted, requireRow, type TaskRow } from "./task-rows.ts";
import { claimableStatuses } from "./task.ts";

/** The second from which others may have it: never before the holder's own clock says that it is over. */
const endOf = (transaction: Transaction, leaseMs: number): number =>
  leaseMs === Infinity ? Number.MAX_SAFE_INTEGER : Math.ceil((transaction.instant.wallMs + leaseMs) / 1_000);

const claimSql = `UPDATE tasks SET assignee = ?, assigned_at = ?, lock_until = ?, status = 'In Progress', version = version + 1,
  updated_at = ? WHERE id = ? AND status IN ('Todo', 'In Progress')
  AND (assignee IS NULL OR assignee = '' OR lock_until IS NULL OR lock_until <= ? OR (? AND assignee = ?)) RETURNING version`;

const noteSql = `INSERT INTO flockwork_claims (task_id, token, assigned_at, lease_ms) VALUES (?, ?, ?, ?)
  ON CONFLICT (task_id) DO UPDATE SET token = excluded.token, assigned_at = excluded.assigned_at,
  lease_ms = excluded.lease_ms`;

/** The token of the claim that a row of `tasks` shows; 0 for one that exarp made, and for one of which no token can be read. */
const tokenSql = `coalesce((SELECT token FROM flockwork_claims c
  WHERE c.task_id = tasks.id AND c.assigned_at = tasks.assigned_at
  AND token = CAST(token AS INTEGER) AND token BETWEEN 0 AND ${Number.MAX_SAFE_INTEGER}), 0)`;

const isTheirs = `assignee = ? AND ${tokenSql} = ?`;

const selectSql = `SELECT id, assignee, assigned_at, lock_until, ${tokenSql} AS token FROM tasks
  WHERE assignee IS NOT NULL AND assignee <> '' AND typeof(id) = 'text'`;

function grant(
  transaction: Transaction,
  id: string,
  { holder, leaseMs = defaultClaimMs, again = false }: ClaimRequest,
): LeaseRecord | ClaimRefusal<string> {
  const { now } = transaction;
  const row = requireCounted(transaction, id, () => `claim ${id}`);
  const until = endOf(transaction, leaseMs);
  const claimed = transaction.sql(claimSql).get(holder, now, until, now, id, now, again ? 1 : 0, holder) as
    | { version: number }
    | undefined;
  if (claimed === undefined) return refusalOf(row);
  transaction.sql(noteSql).run(id, claimed.version, now, leaseMs === Infinity ? null : leaseMs);
  return leaseFrom({ holder, token: String(claimed.version), leaseMs, now: transaction.instant });
}

function renew(
  transaction: Transaction,
  id: string,
  proof: ClaimProof,
  leaseMs: number | undefined,
): LeaseRecord {
  const row = requireCounted(transaction, id, () => `renew the claim of ${id}`);
  const lasting = leaseMs ?? lastingOf(transaction, id);
  const { changes } = transaction
    .sql(
      `UPDATE tasks SET lock_until = ?, version = version + 1, updated_at = ? WHERE id = ? AND ${isTheirs}`,
    )
    .run(endOf(transaction, lasting), transaction.now, id, proof.holder, Number(proof.token));
  if (Number(changes) !== 1) throw overOf(transaction, row, proof);
  const { holder, token } = proof;
  return leaseFrom({
    holder,
    token,
    leaseMs: lasting,
    now: transaction.instant,
    acquiredAt: isoOf(row["assigned_at"]),
  });
}

function release(transaction: Transaction, id: string, proof: ClaimProof): void {
  const row = requireCounted(transaction, id, () => `release ${id}`);
  const { changes } = transaction
    .sql(
      `UPDATE tasks SET assignee = NULL, assigned_at = NULL, lock_until = NULL, version = version + 1, updated_at = ?
      WHERE id = ? AND ${isTheirs}`,
    )
    .run(transaction.now, id, proof.holder, Number(proof.token));
  if (Number(changes) !== 1) throw overOf(transaction, row, proof);
  endNote(transaction, id);
}

function evict(
  transaction: Transaction,
  id: string,
  eviction: Eviction | undefined,
): ClaimRecord<string> | undefined {
  requireRow(transaction, id, () => `release ${id}`);
  const [record] = records(transaction, id);
  if (record === undefined) return undefined;
  // What was seen is what is ended: a renewal in between would have changed lock_until.
  transaction
    .sql(
      `UPDATE tasks SET assignee = NULL, assigned_at = NULL, lock_until = NULL, ${countSql}, updated_at = ?,
      status = CASE status WHEN 'In Progress' THEN 'Todo' ELSE status END WHERE id = ? AND ${isTheirs}`,
    )
    .run(transaction.now, id, record.holder, Number(record.token));
  endNote(transaction, id);
  if (eviction !== undefined)
    noteActivity(transaction, id, "claim_evicted", { ...eviction, holder: record.holder });
  return record;
}

/** One row of many must not keep the others from being swept: a version that nothing can be counted from stays as it is. */
const countSql = `version = CASE WHEN version = CAST(version AS INTEGER) AND version BETWEEN 0 AND ${Number.MAX_SAFE_INTEGER - 1}
  THEN version + 1 ELSE version END`;

/** A claim that exarp makes within the same second must not be taken for the one that is over. */
function endNote(transaction: Transaction, id: string): void {
  transaction.sql("UPDATE flockwork_claims SET assigned_at = 0 WHERE task_id = ?").run(id);
}

function records(transaction: Transaction, id?: string): readonly ClaimRecord<string>[] {
  const rows = (
    id === undefined
      ? transaction.sql(`${selectSql} ORDER BY id`).all()
      : transaction.sql(`${selectSql} AND id = ?`).all(id)
  ) as (TaskRow & { readonly token: number })[];
  return rows.map((row) => ({
    taskId: row.id,
    holder: String(row["assignee"]),
    token: String(row.token),
    acquiredAt: isoOf(row["assigned_at"]) ?? isoOf(0) ?? "",
    expiresAt: isoOf(row["lock_until"]),
    state: isHeld(row, transaction) ? "held" : "expired",
  }));
}

/** Claims in the rows of a database, by their ids. */
export const rowClaims: ClaimRules<string, Transaction> = { grant, renew, release, evict, records };

/**
 * What must be true of a row for a change of it: that it is the caller's, or nobody's.
 * @throws {StaleFencingTokenError | LeaseLostError | TaskClaimedError}
 */
export function checkRowClaim(transaction: Transaction, row: TaskRow, proof: ClaimProof | undefined): void {
  if (proof !== undefined) {
    proof.assertHeld?.();
    const [record] = records(transaction, row.id);
    if (record?.holder !== proof.holder || record.token !== proof.token)
      throw overOf(transaction, row, proof);
  } else if (isHeld(row, transaction)) {
    throw new TaskClaimedError(row.id, String(row["assignee"]), isoOf(row["lock_until"]));
  }
}

function isHeld(row: TaskRow, { now }: Transaction): boolean {
  return Boolean(row["assignee"]) && row["lock_until"] !== null && Number(row["lock_until"]) > now;
}

function refusalOf(row: TaskRow): ClaimRefusal<string> {
  if (!claimableStatuses.includes(row.status))
    return refuse(row.id, "state", {
      why: `task ${row.id} is ${row.status}: only Todo and In Progress can be claimed`,
    });
  return refuse(row.id, "claimed", { heldBy: String(row["assignee"]), until: isoOf(row["lock_until"]) });
}

/** Why a proof does not hold any more. */
function overOf(transaction: Transaction, row: TaskRow, { token }: ClaimProof): Error {
  const name = `task ${row.id}`;
  const last = transaction.sql("SELECT token FROM flockwork_claims WHERE task_id = ?").get(row.id) as
    | { token: unknown }
    | undefined;
  const lastToken = countOf(last?.token ?? 0);
  if (lastToken === undefined)
    throw new TaskFormatError(
      `Cannot judge the claim of ${name}: flockwork_claims in todo2.db`,
      `has ${inWords(last?.token)} for its token, which is no whole number of 0 or more. Correct that row`,
    );
  const [record] = records(transaction, row.id);
  // A claim that exarp made since is newer than any of ours, whatever its token.
  const current = BigInt(record?.token === "0" ? row.version : lastToken);
  if (current !== 0n && BigInt(token) !== current)
    return new StaleFencingTokenError(name, token, String(current));
  const why = record === undefined ? "it was released" : `it is ${record.holder}'s`;
  return new LeaseLostError(name, 0, why, undefined, `The claim of ${name}`);
}

/** How long the claim was asked for: exarp's own rows do not say. */
function lastingOf(transaction: Transaction, id: string): number {
  const row = transaction
    .sql(
      "SELECT lease_ms FROM flockwork_claims JOIN tasks USING (assigned_at) WHERE task_id = ? AND id = task_id",
    )
    .get(id) as { lease_ms: unknown } | undefined;
  if (row === undefined) return defaultClaimMs;
  const { lease_ms: leaseMs } = row;
  if (leaseMs === null) return Infinity;
  if (typeof leaseMs === "number" && leaseMs > 0 && leaseMs <= longestClaimMs) return leaseMs;
  throw new TaskFormatError(
    `Cannot renew the claim of ${id}: flockwork_claims in todo2.db`,
    `has ${inWords(leaseMs)} for its lease_ms, which no claim lasts. Correct that row, or renew with a leaseMs`,
  );
}

function isoOf(seconds: unknown): string | undefined {
  const ms = Number(seconds) * 1_000;
  return seconds === null || seconds === undefined || !(Math.abs(ms) <= 8.64e15)
    ? undefined
    : new Date(ms).toISOString();
}
