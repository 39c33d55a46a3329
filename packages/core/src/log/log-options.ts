import { resolve } from "node:path";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { checkAppendOptions, type AppendOptions } from "../atomic/append-lines.ts";
import { checkOptions } from "../options.ts";
import type { RecordRules } from "./encode-record.ts";
import { checkLogLimits } from "./log-limits.ts";
import { checkOnCorrupt, type OnCorrupt } from "./log-problems.ts";
import type { CursorRules } from "./log-cursor.ts";

/** How a log is read and written. Lock options and durability are the defaults of its calls. */
export interface JsonlLogOptions<T = unknown> extends AppendOptions {
  /** Checks every record that is written or read. Its output is not used; it must check synchronously. */
  readonly schema?: StandardSchemaV1<T> | undefined;
  /**
   * What happens at a damaged line in the middle of the log. `"error"` (default) throws LogCorruptError; `"skip"` passes over
   * it and counts it; `"quarantine"` moves it, byte for byte, to `<file>.corrupt-…` under the exclusive lock and goes on;
   * `"keep"` passes over it too, and a rewrite leaves it in the file, behind the entry it stands behind.
   * Lines that are JSON and only refused by the schema are never moved.
   */
  readonly onCorrupt?: OnCorrupt | undefined;
  /** Bytes of one line at most. Default 16 MiB. */
  readonly maxLineBytes?: number | undefined;
  /** How deep arrays and objects of a record may be nested. Default 512. */
  readonly maxDepth?: number | undefined;
}

/** Options of one call, which go before those of the log. */
export type LogCallOptions = Pick<
  AppendOptions,
  "timeoutMs" | "signal" | "priority" | "durability" | "onQuarantine"
>;

/** Checked once, when the log object is made. */
export interface LogRules extends CursorRules, RecordRules {}

/** @throws {TypeError | RangeError} naming the option that is wrong. */
export function checkLogOptions(path: string, options: JsonlLogOptions): LogRules {
  checkOptions(options);
  checkAppendOptions(path, options);
  if (options.schema !== undefined && typeof options.schema["~standard"]?.validate !== "function") {
    throw new TypeError("schema must be a Standard Schema (zod, valibot, arktype, …)");
  }
  return {
    path: resolve(path),
    schema: options.schema,
    onCorrupt: checkOnCorrupt(options.onCorrupt ?? "error"),
    limits: checkLogLimits(options),
  };
}
