import { jsonDocument, type ChangeOptions, type DocumentReceipt, type Recipe } from "./json-document.ts";
import type { DocumentOptions } from "./document-options.ts";

/** Everything a single change may say: how the document is read and written, and the bounds of the change. */
export interface UpdateJsonOptions<T> extends DocumentOptions<T>, ChangeOptions {}

/**
 * Changes a JSON file: `jsonDocument(path, options).update(recipe, options)` in one call. Calls for one file share one
 * queue and one write, wherever in the process they come from.
 *
 * @throws As `JsonDocument.update`.
 * @example
 * await updateJson("state.json", (state: State) => { state.runs += 1; });
 */
export async function updateJson<T = unknown>(
  path: string,
  recipe: Recipe<T>,
  options: UpdateJsonOptions<T> = {},
): Promise<DocumentReceipt<T>> {
  return await jsonDocument<T>(path, options).update(recipe, options);
}

/** As {@link updateJson}, blocking this thread. The recipe must be synchronous. */
export function updateJsonSync<T = unknown>(
  path: string,
  recipe: (draft: T) => T | void,
  options: Omit<UpdateJsonOptions<T>, "signal"> = {},
): DocumentReceipt<T> {
  return jsonDocument<T>(path, options).updateSync(recipe, options);
}
