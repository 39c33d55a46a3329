import { draftOf } from "./draft.ts";
import { emitJson } from "./emit-json.ts";
import { parseJson, type IntegerMode } from "./json-source.ts";
import { settleValue, type Partners } from "./settle-value.ts";

/** How a text is read and written by {@link editJson}. */
export interface EditJsonOptions {
  /** Names the text in errors. Default `"text"`. */
  readonly path?: string | undefined;
  /** Deepest nesting. Default 512. */
  readonly maxDepth?: number | undefined;
  /** How integers past 2^53 are given to the recipe. Default `"bigint"`: exactly. */
  readonly integers?: IntegerMode | undefined;
}

/**
 * Changes JSON text: runs the recipe on a draft of its value and writes the result over the text. What the recipe does not touch
 * keeps its bytes: number spellings, escapes, key order, white space. Text on one line stays on one line. Touches no disk.
 *
 * @param recipe - Changes the draft in place, or returns a value that replaces all of it. Synchronous.
 * @throws {DocumentCorruptError | TooLargeError} the text is not JSON, or nests too deep.
 * @throws {DocumentInvalidError} the result is nothing JSON can hold.
 * @example
 * editJson('{"id": 9007199254740993, "n": 1}', (draft) => { draft.n += 1; }); // '{"id": 9007199254740993, "n": 2}'
 */
export function editJson<T>(
  text: string,
  recipe: (draft: T) => T | void,
  options: EditJsonOptions = {},
): string {
  const { path = "text", maxDepth = 512, integers = "bigint" } = options;
  const source = parseJson(path, Buffer.from(text), { maxDepth, integers });
  const partners: Partners = new Map();
  const draft = draftOf(path, source.value, maxDepth, source.canonical === false);
  let returned: T | void;
  try {
    returned = recipe(draft.root as T);
  } catch (error) {
    draft.discard();
    throw error;
  }
  const { next, origins } = draft.finish(returned);
  const { value } = settleValue({ path, maxDepth, source, partners }, next, source.value, origins);
  return emitJson(path, source, value, partners, maxDepth).text;
}
