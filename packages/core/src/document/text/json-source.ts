import { isUtf8, constants } from "node:buffer";
import { DocumentCorruptError, TooLargeError } from "../../errors.ts";
import { depthOf, freezeJson } from "./freeze-json.ts";
import { faultOffset } from "./json-fault.ts";
import { deeperThan, lineAndColumn } from "./scan-json.ts";
import { SourceLayout } from "./source-layout.ts";
import { canonicalStyleOf, type CanonicalStyle } from "./text-style.ts";

/** How numbers JavaScript cannot hold exactly are read: rounded to a number (their bytes stay), or as a BigInt. */
export type IntegerMode = "number" | "bigint";

/** What reading a document's bytes is held to. */
export interface ParseLimits {
  readonly maxDepth: number;
  readonly integers: IntegerMode;
}

/** What is known about a source without looking. */
export interface KnownOfSource {
  readonly marked: boolean;
  readonly depth?: number;
  readonly depthBound?: number;
  readonly canonical?: CanonicalStyle | false;
}

/** JSON text beside the frozen value it stands for: all that is needed to write a changed value without disturbing the rest. */
export class JsonSource {
  readonly text: string;
  readonly value: unknown;
  /** The file began with a byte order mark; it is kept. */
  readonly marked: boolean;
  #depth: number | undefined;
  readonly #depthBound: number;
  #canonical: CanonicalStyle | false | undefined;
  #lossy: boolean | undefined;
  #layout: SourceLayout | undefined;

  constructor(text: string, value: unknown, known: KnownOfSource) {
    this.text = text;
    this.value = value;
    this.marked = known.marked;
    this.#depth = known.depth;
    this.#depthBound = known.depthBound ?? Infinity;
    this.#canonical = known.canonical;
  }

  /** A depth the value does not exceed, known without looking. */
  get depthBound(): number {
    return this.#depth ?? this.#depthBound;
  }

  /** How deep the value nests: 0 for a primitive. */
  get depth(): number {
    this.#depth ??= depthOf(this.value);
    return this.#depth;
  }

  /** The arguments with which JSON.stringify gives exactly this text, or false. Costs one stringify, once. */
  get canonical(): CanonicalStyle | false {
    this.#canonical ??= canonicalStyleOf(this.text, this.value);
    return this.#canonical;
  }

  /** Whether the text may hold a number that JavaScript rounds. May err to true. */
  get lossy(): boolean {
    this.#lossy ??= this.canonical === false && maybeRounded.test(this.text);
    return this.#lossy;
  }

  get layout(): SourceLayout {
    this.#layout ??= new SourceLayout(this.text, this.value);
    return this.#layout;
  }
}

/** A number with 16 digits or more, or with an exponent of three, where a number can begin. Linear: starts never overlap. */
const maybeRounded = /(?:^|[:,[\s])-?(?:[\d.]{16}|\d[\d.]*[eE]\+?\d{3})/;
/** Only text that matches can hold an integer past 2^53. */
const maybeLongInteger = /\d{16}/;
/** Below this size JSON.parse survives any depth; above, depth is looked at first. */
const parseUnseenLength = 1024 * 1024;

/**
 * Reads a document: strict UTF-8, at most one byte order mark, strict JSON. The value is frozen all through.
 *
 * @throws {DocumentCorruptError} when the bytes are not JSON, with the line and column of the fault.
 * @throws {TooLargeError} when the value nests deeper than `maxDepth`.
 * @throws {DocumentInvalidError} when an object has an own `__proto__` key.
 */
export function parseJson(path: string, bytes: Buffer, limits: ParseLimits): JsonSource {
  const marked = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const text = decode(path, marked ? bytes.subarray(3) : bytes);
  const revive = limits.integers === "bigint" && maybeLongInteger.test(text);
  if ((revive || text.length > parseUnseenLength) && deeperThan(text, limits.maxDepth)) {
    throw new TooLargeError(path, "maxDepth", limits.maxDepth, limits.maxDepth + 1);
  }
  let value: unknown;
  try {
    value = revive
      ? JSON.parse(text, longIntegers as (key: string, value: unknown) => unknown)
      : JSON.parse(text);
  } catch (cause) {
    throw corrupt(path, text, cause);
  }
  const refuseProtoKeys = text.includes("__proto__") || text.includes("\\u00");
  const depth = freezeJson(path, value, { maxDepth: limits.maxDepth, refuseProtoKeys });
  return new JsonSource(text, value, { depth, marked });
}

function decode(path: string, bytes: Buffer): string {
  if (bytes.length > constants.MAX_STRING_LENGTH) {
    throw new TooLargeError(path, "maxBytes", constants.MAX_STRING_LENGTH, bytes.length);
  }
  const text = bytes.toString("utf8");
  if (isUtf8(bytes)) return text;
  const { line, column } = lineAndColumn(text, text.indexOf("\uFFFD"));
  throw new DocumentCorruptError(path, `it is not UTF-8 (near line ${line}, column ${column})`);
}

function corrupt(path: string, text: string, cause: unknown): DocumentCorruptError {
  if (text === "") return new DocumentCorruptError(path, "it is empty", { cause });
  const offset = faultOffset(text) ?? 0;
  const { line, column } = lineAndColumn(text, offset);
  const what =
    offset >= text.length
      ? "the text ends too early"
      : text[offset] === "\0"
        ? "there is a NUL byte"
        : "this is not JSON";
  return new DocumentCorruptError(path, `${what} at line ${line}, column ${column}`, { cause });
}

function longIntegers(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value !== "number" || !Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  return context.source !== undefined && /^-?\d+$/.test(context.source) ? BigInt(context.source) : value;
}
