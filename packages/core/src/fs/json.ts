import { DocumentCorruptError } from "../errors.ts";
import {
  updateJson as update,
  updateJsonSync as updateSync,
  type UpdateJsonOptions,
} from "../document/update-json.ts";
import type { DocumentReceipt, Recipe } from "../document/json-document.ts";
import { pathOf, type PathLike, type WriteFileOptions } from "./arguments.ts";
import { unwrapping, unwrappingSync } from "./os-errors.ts";
import { readFile, readFileSync } from "./read.ts";
import { writeFile, writeFileSync } from "./write.ts";

export interface WriteJsonOptions extends Omit<WriteFileOptions, "encoding" | "flag"> {
  /** As the third argument of `JSON.stringify`. Default 2. */
  readonly spaces?: number | string | undefined;
}

/**
 * The parsed content, the caller's to change.
 *
 * @throws The system's own error where it refused. {@link DocumentCorruptError} `ERR_DOCUMENT_CORRUPT`: not JSON; nothing was changed.
 */
export async function readJson<T = unknown>(path: PathLike): Promise<T> {
  return parse<T>(path, await readFile(path, "utf8"));
}

/** The synchronous twin of {@link readJson}. */
export function readJsonSync<T = unknown>(path: PathLike): T {
  return parse<T>(path, readFileSync(path, "utf8"));
}

/** Writes a value as JSON with a final newline, as `writeFile` writes. What must keep its formatting is for `updateJson`. */
export async function writeJson(
  path: PathLike,
  value: unknown,
  options: WriteJsonOptions = {},
): Promise<void> {
  await writeFile(path, textOf(value, options), options);
}

/** The synchronous twin of {@link writeJson}. */
export function writeJsonSync(path: PathLike, value: unknown, options: WriteJsonOptions = {}): void {
  writeFileSync(path, textOf(value, options), options);
}

/** Reads, changes and writes a JSON file under its lock: the `updateJson` of the package, with the system's own errors. */
export function updateJson<T = unknown>(
  path: PathLike,
  recipe: Recipe<T>,
  options: UpdateJsonOptions<T> = {},
): Promise<DocumentReceipt<T>> {
  return unwrapping(() => update<T>(pathOf(path), recipe, options));
}

/** The synchronous twin of {@link updateJson}. */
export function updateJsonSync<T = unknown>(
  path: PathLike,
  recipe: (draft: T) => T | void,
  options: Omit<UpdateJsonOptions<T>, "signal"> = {},
): DocumentReceipt<T> {
  return unwrappingSync(() => updateSync<T>(pathOf(path), recipe, options));
}

function parse<T>(path: PathLike, text: string): T {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, "")) as T;
  } catch (cause) {
    throw new DocumentCorruptError(pathOf(path), (cause as Error).message, { cause });
  }
}

function textOf(value: unknown, { spaces = 2 }: WriteJsonOptions): string {
  const text = JSON.stringify(value, undefined, spaces) as string | undefined;
  if (text === undefined) throw new TypeError(`value must be something JSON can hold, got ${typeof value}`);
  return `${text}\n`;
}
