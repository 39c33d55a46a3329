import { constants } from "node:buffer";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { resolveLockOptions, type LockOptions } from "../lock/lock-options.ts";
import { checkDurability, checkOptions, type Durability } from "../options.ts";
import type { DocumentRules } from "./document-job.ts";
import type { IntegerMode } from "./text/json-source.ts";

/** How a JSON document is read and written. */
export interface DocumentOptions<T> extends LockOptions {
  /**
   * Checks what is read, what a recipe leaves behind and what is written: any Standard Schema (zod, valibot, arktype, …).
   * It checks, it does not change what is stored: unknown fields survive, its defaults and transformations do not apply.
   */
  readonly schema?: StandardSchemaV1<T, unknown> | undefined;
  /** Gives the value of a document whose file is missing. Never used for one that is damaged. Default: reading throws. */
  readonly defaults?: (() => T) | undefined;
  /** Default `"disk"`: a change resolves once it survives a power loss. */
  readonly durability?: Durability | undefined;
  /** Permission bits, 0 to 0o777, given at every change. Default: those of the file; for a new file 0o666 less the umask. */
  readonly mode?: number | undefined;
  /** Largest file, read or written. Default 268 435 456 (256 MiB); at most what a string can hold. */
  readonly maxBytes?: number | undefined;
  /** Deepest nesting of objects and arrays, read or written. Default 512, at most 2 000. */
  readonly maxDepth?: number | undefined;
  /**
   * How integers past 2^53 are read. Default `"number"`: rounded, though their digits stay in the file while they are not
   * changed. `"bigint"`: exactly, as a BigInt.
   */
  readonly integers?: IntegerMode | undefined;
  /** Treat an empty file as a missing one. Default false: it is damaged, and an error. */
  readonly allowEmpty?: boolean | undefined;
  /** Whether a new file ends in a line feed. Default true. A file that is there ends as it did. */
  readonly finalNewline?: boolean | undefined;
}

/** Options checked once: the rules for content, and the rest. */
export interface ResolvedDocumentOptions {
  readonly rules: DocumentRules;
  readonly integers: IntegerMode;
}

const defaultMaxBytes = 256 * 1024 * 1024;
const defaultMaxDepth = 512;
/** Deeper values would overflow the stack of JSON.stringify. */
const greatestMaxDepth = 2_000;

/** @throws {TypeError | RangeError} naming the option that is wrong. */
export function resolveDocumentOptions<T>(options: DocumentOptions<T>): ResolvedDocumentOptions {
  checkOptions(options);
  resolveLockOptions(options);
  const { schema, defaults, mode, integers = "number" } = options;
  if (
    schema !== undefined &&
    typeof (schema as Partial<StandardSchemaV1>)["~standard"]?.validate !== "function"
  ) {
    throw new TypeError("schema must be a Standard Schema (zod, valibot, arktype, …)");
  }
  if (defaults !== undefined && typeof defaults !== "function")
    throw new TypeError("defaults must be a function");
  const { allowEmpty = false, finalNewline = true } = options;
  for (const [name, flag] of Object.entries({ allowEmpty, finalNewline }))
    if (typeof flag !== "boolean") throw new TypeError(`${name} must be true or false, got ${typeof flag}`);
  if (integers !== "number" && integers !== "bigint") {
    throw new TypeError(`integers must be "number" or "bigint", got ${JSON.stringify(integers)}`);
  }
  if (mode !== undefined && !(Number.isInteger(mode) && mode >= 0 && mode <= 0o777)) {
    throw new RangeError("mode must be an integer from 0 to 0o777: permission bits only");
  }
  return {
    rules: {
      schema,
      defaults,
      mode,
      allowEmpty,
      finalNewline,
      durability: checkDurability(options.durability ?? "disk"),
      maxBytes: checkLimit("maxBytes", options.maxBytes ?? defaultMaxBytes, constants.MAX_STRING_LENGTH),
      maxDepth: checkLimit("maxDepth", options.maxDepth ?? defaultMaxDepth, greatestMaxDepth),
    },
    integers,
  };
}

function checkLimit(option: string, value: unknown, greatest: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > greatest) {
    throw new RangeError(`${option} must be a whole number from 1 to ${greatest}, got ${String(value)}`);
  }
  return value;
}
