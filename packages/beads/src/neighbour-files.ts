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
  readonly exit_code?: number | undefined;
  readonly parent_id?: string | undefined;
  readonly label?: string | undefined;
  readonly reason?: string | undefined;
  /** For a `field_change`: `field`, `old_value`, `new_value` and perhaps `reason`. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
}

/** One line of `.beads/routes.jsonl`: which rig owns the issues of a prefix. */
export interface Route {
  /** With its dash, as `gt-`. */
  readonly prefix: string;
  /** Relative to the town's root; `.` is the town itself. */
  readonly path: string;
}

/** The first line of an export of today's `bd`, where it writes one. */
export interface ExportHeader {
  readonly _schema: string;
  readonly _dolt_branch?: string | undefined;
  readonly _dolt_commit?: string | undefined;
  readonly _project_id?: string | undefined;
  readonly _sort?: string | undefined;
}

/** A line of an export that is no issue: a remembered note. */
export interface MemoryLine {
  readonly _type: "memory";
  readonly key: string;
  readonly value: string;
}

/** How a repository stores its issues, which decides who may write the JSONL file. */
export type Era =
  /** The JSONL file is all there is. */
  | "jsonl"
  /** bd up to 0.50: a SQLite database and the file, kept in step both ways. */
  | "sqlite"
  /** bd 0.51 and later: the file is an export; changes belong to `bd` itself. */
  | "dolt";
