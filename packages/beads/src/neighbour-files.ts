import * as z from "zod";
import type { Instant } from "./issue.ts";

/** One line of `.beads/interactions.jsonl`: what a model or a tool was asked, or which field changed. */
export interface Interaction {
  /** `int-` and 8 or 32 hexadecimal digits. */
  readonly id: string;
  readonly kind: "llm_call" | "tool_call" | "label" | "field_change" | (string & {});
  readonly created_at: Instant;
  readonly actor?: string | undefined;
  readonly issue_id?: string | undefined;
  readonly model?: string | undefined;
  readonly prompt?: string | undefined;
  readonly response?: string | undefined;
  readonly error?: string | undefined;
  readonly tool_name?: string | undefined;
  readonly exit_code?: number | null | undefined;
  readonly parent_id?: string | undefined;
  readonly label?: string | undefined;
  readonly reason?: string | undefined;
  /** For a `field_change`: `field`, `old_value`, `new_value` and perhaps `reason`. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
  readonly [field: string]: unknown;
}

/** One line of `.beads/routes.jsonl`: which rig owns the issues of a prefix. */
export interface Route {
  /** With its dash, as `gt-`. */
  readonly prefix: string;
  /** Relative to the town's root; `.` is the town itself. */
  readonly path: string;
  readonly [field: string]: unknown;
}

/** The first line of an export of today's `bd`, where it writes one. */
export interface ExportHeader {
  readonly _schema: string;
  readonly _dolt_branch?: string | undefined;
  readonly _dolt_commit?: string | undefined;
  readonly _project_id?: string | undefined;
  readonly _sort?: string | undefined;
  readonly [field: string]: unknown;
}

/** A line of an export that is no issue: a remembered note. */
export interface MemoryLine {
  readonly _type: "memory";
  readonly key: string;
  readonly value: string;
  readonly [field: string]: unknown;
}

/** How a repository stores its issues, which decides who may write the JSONL file. */
export type Era =
  /** The JSONL file is all there is. */
  | "jsonl"
  /** bd up to 0.50: a SQLite database and the file, kept in step both ways. */
  | "sqlite"
  /** bd 0.51 and later: the file is an export; changes belong to `bd` itself. */
  | "dolt";

const text = z.string().optional();

/** Checks a line of `interactions.jsonl`; further fields are accepted. */
export const interactionSchema: z.ZodType<Interaction> = z.looseObject({
  id: z.string().regex(/^int-[0-9a-f]{8,32}$/, "must be int- and 8 to 32 hexadecimal digits"),
  kind: z.string().min(1),
  created_at: z.string(),
  actor: text,
  issue_id: text,
  model: text,
  prompt: text,
  response: text,
  error: text,
  tool_name: text,
  exit_code: z.int().nullish(),
  parent_id: text,
  label: text,
  reason: text,
  extra: z.record(z.string(), z.unknown()).optional(),
});

/** Checks a line of `routes.jsonl`; further fields are accepted. */
export const routeSchema: z.ZodType<Route> = z.looseObject({
  prefix: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, "must be letters, digits and dashes"),
  path: z.string().min(1),
});

/** Checks the header of an export; further fields are accepted. */
export const exportHeaderSchema: z.ZodType<ExportHeader> = z.looseObject({
  _schema: z.string(),
  _dolt_branch: text,
  _dolt_commit: text,
  _project_id: text,
  _sort: text,
});

/** Checks a memory line of an export; further fields are accepted. */
export const memoryLineSchema: z.ZodType<MemoryLine> = z.looseObject({
  _type: z.literal("memory"),
  key: z.string(),
  value: z.string(),
});
