import { createHash, type Hash } from "node:crypto";
import { plainNumber } from "./issue-status.ts";
import type { EntityReference, Issue } from "./issue.ts";

/** Of Node since 21; not in TypeScript's library yet. */
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };

/** Which versions' hash: they cover different fields, and are never compared with each other. */
export type HashVersion =
  /** bd up to 0.50. */
  | "0.49"
  /** bd 0.51 and later. */
  | "1.0";

/**
 * The content hash that bd keeps in its database, in lower-case hexadecimal: equal for issues of equal substance, whatever their
 * id, times, labels, dependencies and comments. An absent status counts as `open`, an absent type as `task`. It is never written into the JSONL file.
 *
 * @param metadata - The raw text of the field `metadata` as bd stores it. Default: as JSON.stringify gives it, bigints as their digits.
 */
export function contentHash(issue: Issue, version: HashVersion = "1.0", metadata?: string): string {
  const hash = new FieldHash();
  const old = version === "0.49";
  for (const field of ["title", "description", "design", "acceptance_criteria", "notes", "spec_id"] as const)
    hash.text(issue[field]);
  hash.text(issue.status ?? "open").text(String(issue.priority ?? 0));
  hash.text(issue.issue_type ?? "task");
  for (const field of ["assignee", "owner", "created_by", "external_ref", "source_system"] as const)
    hash.text(issue[field]);
  hash.flag(issue.pinned, "pinned");
  hash.text(metadata ?? (issue.metadata === undefined ? "" : JSON.stringify(issue.metadata, digitsOfBigint)));
  hash.flag(issue.is_template, "template");
  for (const bond of issue.bonded_from ?? [])
    hash.text(bond.source_id).text(bond.bond_type).text(bond.bond_point);
  if (old) {
    hash.entity(issue.creator);
    for (const { validator, outcome, timestamp, score } of issue.validations ?? [])
      hash.entity(validator).text(outcome).text(wholeSeconds(timestamp)).score(score);
    hash.score(issue.quality_score).flag(issue.crystallizes, "crystallizes");
  }
  hash
    .text(issue.await_type)
    .text(issue.await_id)
    .text(String(issue.timeout ?? 0));
  for (const waiter of issue.waiters ?? []) hash.text(waiter);
  if (old)
    for (const field of ["holder", "hook_bead", "role_bead", "agent_state", "role_type", "rig"] as const)
      hash.text(issue[field]);
  for (const field of ["mol_type", "work_type", "event_kind", "actor", "target", "payload"] as const)
    hash.text(issue[field]);
  return hash.digest();
}

/** Each value is followed by a NUL, empty ones too. */
class FieldHash {
  readonly #hash: Hash = createHash("sha256");

  text(value: string | undefined): this {
    this.#hash.update(value ?? "").update("\0");
    return this;
  }

  flag(set: boolean | undefined, word: string): this {
    return this.text(set === true ? word : "");
  }

  /** Six decimals, as Go's %f. */
  score(value: number | undefined): this {
    const score = plainNumber(value);
    return this.text(score === undefined ? "" : Math.fround(score).toFixed(6));
  }

  entity(entity: EntityReference | null | undefined): this {
    if (entity === undefined || entity === null) return this;
    return this.text(entity.name).text(entity.platform).text(entity.org).text(entity.id);
  }

  digest(): string {
    return this.#hash.digest("hex");
  }
}

function digitsOfBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? rawJSON(String(value)) : value;
}

/** RFC 3339 without a fraction, its offset kept. */
function wholeSeconds(instant: string): string {
  return instant.replace(/\.\d+/, "");
}
