import { createHash, type Hash } from "node:crypto";
import { plainNumber } from "./issue-status.ts";
import type { Issue } from "./issue.ts";
import { canonicalJson, isRecord } from "./merge/json-value.ts";

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
  hash.text(issue.status ?? "open").text(issue.priority ?? 0);
  hash.text(issue.issue_type ?? "task");
  for (const field of ["assignee", "owner", "created_by", "external_ref", "source_system"] as const)
    hash.text(issue[field]);
  hash.flag(issue.pinned, "pinned");
  hash.text(metadata ?? (issue.metadata === undefined ? "" : JSON.stringify(issue.metadata, digitsOfBigint)));
  hash.flag(issue.is_template, "template");
  for (const bond of elementsOf(issue.bonded_from))
    hash.members(bond, ({ source_id: source, bond_type: type, bond_point: point }) =>
      hash.text(source).text(type).text(point),
    );
  if (old) {
    hash.entity(issue.creator);
    for (const validation of elementsOf(issue.validations))
      hash.members(validation, ({ validator, outcome, timestamp, score }) =>
        hash.entity(validator).text(outcome).text(wholeSeconds(timestamp)).score(score),
      );
    hash.score(issue.quality_score).flag(issue.crystallizes, "crystallizes");
  }
  hash
    .text(issue.await_type)
    .text(issue.await_id)
    .text(issue.timeout ?? 0);
  for (const waiter of elementsOf(issue.waiters)) hash.text(waiter);
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

  text(value: unknown): this {
    this.#hash.update(textOf(value)).update("\0");
    return this;
  }

  flag(set: unknown, word: string): this {
    return this.text(set === true ? word : "");
  }

  /** Six decimals, as Go's %f. */
  score(value: unknown): this {
    const score = plainNumber(value);
    return this.text(score === undefined ? "" : Math.fround(score).toFixed(6));
  }

  entity(entity: unknown): this {
    if (entity === undefined || entity === null) return this;
    return this.members(entity, ({ name, platform, org, id }) =>
      this.text(name).text(platform).text(org).text(id),
    );
  }

  /** What has no members is a text of its own. */
  members(value: unknown, add: (record: Readonly<Record<string, unknown>>) => void): this {
    if (isRecord(value)) add(value);
    else this.text(value);
    return this;
  }

  digest(): string {
    return this.#hash.digest("hex");
  }
}

/** bd has texts and numbers alone here; of anything else that another program left there, its JSON, so that other content is another hash. */
function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : canonicalJson(value);
}

/** What is no list is one element. */
function elementsOf(list: unknown): readonly unknown[] {
  if (Array.isArray(list)) return list;
  return list === undefined || list === null ? [] : [list];
}

function digitsOfBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? rawJSON(String(value)) : value;
}

/** RFC 3339 without a fraction, its offset kept. */
function wholeSeconds(instant: unknown): unknown {
  return typeof instant === "string" ? instant.replace(/\.\d+/, "") : instant;
}
