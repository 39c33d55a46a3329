import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { LineBlock } from "./line-block.ts";
import { withoutByteOrderMark } from "./log-entry.ts";
import { hasProtoKey, isDeeperThan } from "./json-rules.ts";
import { schemaIssuesOf } from "./record-schema.ts";

/** A line that yields no record. */
export interface LogProblem {
  /** Counted from 1. */
  readonly line: number;
  readonly byteOffset: number;
  /** `damaged`: it is no JSON value that may be used. `refused`: it is one, but the schema does not accept it. */
  readonly kind: "damaged" | "refused";
  readonly why: string;
  /** The line itself, without its newline; undefined where it is not UTF-8. */
  readonly text: string | undefined;
}

/** How lines become records. */
export interface ParseRules {
  readonly schema: StandardSchemaV1 | undefined;
  readonly maxDepth: number;
}

/** What is done with the lines of a block. The block and the index tell where a line is. */
export interface LineVisitor<T> {
  record(record: T, block: LineBlock, index: number): void;
  problem(problem: LogProblem, cause: unknown): void;
}

const blankLine = /^[ \t\r]*$/;

/**
 * Visits the lines of a block from `start`, blank lines apart. When a visit throws, `stoppedAt` learns which line it was.
 */
export function parseLines<T>(
  block: LineBlock,
  rules: ParseRules,
  visitor: LineVisitor<T>,
  stoppedAt: (index: number) => void,
): void {
  const { texts } = block;
  const checkKeys = block.mayHaveProtoKey();
  let index = 0;
  try {
    for (; index < texts.length; index += 1) {
      let text = texts[index];
      if (text === "" || text === "\r") continue;
      if (index === 0 && block.offset === 0 && text !== undefined) text = withoutByteOrderMark(text);
      if (text === undefined || isDeeperThan(text, rules.maxDepth)) {
        const why =
          text === undefined
            ? "it is not UTF-8"
            : `it is nested deeper than maxDepth (${rules.maxDepth}) allows`;
        visitor.problem(problemAt(block, index, "damaged", why), undefined);
        continue;
      }
      let record: unknown;
      try {
        record = JSON.parse(text);
      } catch (cause) {
        if (!blankLine.test(text))
          visitor.problem(problemAt(block, index, "damaged", whyNotJson(text, cause)), cause);
        continue;
      }
      if (checkKeys && hasProtoKey(record)) {
        visitor.problem(problemAt(block, index, "damaged", "it has a key named __proto__"), undefined);
        continue;
      }
      const issues = schemaIssuesOf(rules.schema, record);
      if (issues !== undefined) {
        const [first] = issues;
        const at = first === undefined || first.path.length === 0 ? "" : ` at ${first.path.join(".")}`;
        const why = `its schema refuses it${at}: ${first?.message ?? "no reason given"}`;
        visitor.problem(problemAt(block, index, "refused", why), undefined);
        continue;
      }
      visitor.record(record as T, block, index);
    }
  } catch (error) {
    stoppedAt(index);
    throw error;
  }
}

function problemAt(block: LineBlock, index: number, kind: LogProblem["kind"], why: string): LogProblem {
  const text = block.texts[index];
  return { line: block.line + index, byteOffset: block.offsetOf(index), kind, why, text };
}

function whyNotJson(text: string, cause: unknown): string {
  if (text.includes("\0")) return "it contains NUL bytes, as a crashed file system leaves them";
  const reason = cause instanceof Error ? cause.message : String(cause);
  return `it is not JSON (${reason.slice(0, 200)})`;
}
