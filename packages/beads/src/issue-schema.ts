import { isLeaseRecord, type LeaseRecord } from "@flockwork/core";
import * as z from "zod";
import { instantToNs } from "./instant.ts";
import type { Issue } from "./issue.ts";

const text = z.string().optional();
const flag = z.boolean().optional();
const count = z.int().min(0).optional();
const instant = z.string().refine((value) => instantToNs(value) !== undefined, "must be an RFC 3339 instant");
const word = z.string().regex(/^\S[^\p{Cc}]*$/u, "must be a word");
/** Not one that could be taken for something else on a command line, in a path or as a key. */
const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, "must be letters, digits, dots, dashes and colons");
const entity = z.looseObject({ name: text, platform: text, org: text, id: text });

const dependency = z.looseObject({
  issue_id: z.string(),
  depends_on_id: z.string().min(1),
  type: word.max(50),
  created_at: instant,
  created_by: text,
  metadata: text,
  thread_id: text,
});

const comment = z.looseObject({
  id: z.union([z.number(), z.bigint(), z.string()]),
  issue_id: z.string(),
  author: z.string(),
  text: z.string(),
  created_at: instant,
});

/** Every field of every version of bd; further fields are accepted. Checks types, not the rules between fields. */
export const issueSchema: z.ZodType<Issue> = z.looseObject({
  id,
  title: z.string(),
  description: text,
  design: text,
  acceptance_criteria: text,
  notes: text,
  spec_id: text,
  status: word.max(50).optional(),
  priority: z.int().optional(),
  issue_type: z.string().optional(),
  assignee: text,
  owner: text,
  estimated_minutes: z.int().nullish(),
  created_at: instant,
  created_by: text,
  updated_at: instant,
  started_at: instant.optional(),
  closed_at: instant.optional(),
  close_reason: text,
  closed_by_session: text,
  due_at: instant.optional(),
  defer_until: instant.optional(),
  external_ref: text,
  source_system: text,
  metadata: z.unknown().optional(),
  compaction_level: count,
  compacted_at: instant.optional(),
  compacted_at_commit: text,
  original_size: count,
  labels: z.array(z.string()).optional(),
  dependencies: z.array(dependency).optional(),
  comments: z.array(comment).optional(),
  deleted_at: instant.optional(),
  deleted_by: text,
  delete_reason: text,
  original_type: text,
  sender: text,
  ephemeral: flag,
  wisp: flag,
  no_history: flag,
  wisp_type: text,
  pinned: flag,
  is_template: flag,
  bonded_from: z
    .array(z.looseObject({ source_id: z.string(), bond_type: z.string(), bond_point: text }))
    .optional(),
  creator: entity.optional(),
  validations: z
    .array(
      z.looseObject({
        validator: entity.nullish(),
        outcome: z.string(),
        timestamp: instant,
        score: z.number().optional(),
      }),
    )
    .optional(),
  quality_score: z.number().optional(),
  crystallizes: flag,
  await_type: text,
  await_id: text,
  timeout: z.union([z.int(), z.bigint()]).optional(),
  waiters: z.array(z.string()).optional(),
  holder: text,
  source_formula: text,
  source_location: text,
  hook_bead: text,
  role_bead: text,
  agent_state: text,
  last_activity: instant.optional(),
  role_type: text,
  rig: text,
  mol_type: text,
  work_type: text,
  event_kind: text,
  actor: text,
  target: text,
  payload: text,
  dependency_count: count,
  dependent_count: count,
  comment_count: count,
  parent: text,
  flockwork_lease: z.custom<LeaseRecord>(isLeaseRecord, "must be a lease record").optional(),
});
