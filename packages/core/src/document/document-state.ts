import { dirname } from "node:path";
import { contentRevision } from "../atomic/content-revision.ts";
import { DocumentCorruptError, ReadFailedError } from "../errors.ts";
import { files } from "../platform/file-system.ts";
import type { ParseLimits, JsonSource } from "./text/json-source.ts";
import { parseJson } from "./text/json-source.ts";

/** The revision of a document whose file does not exist. */
export const absentRevision = "absent";

/** One content of a document's file. Immutable; a file that changes gets another state. */
export interface DocumentState {
  /** Undefined where no file is, and for an empty one. */
  readonly source: JsonSource | undefined;
  /** Undefined where no file is. */
  readonly bytes: Buffer | undefined;
  /** Names the bytes: 128 bits of their SHA-256, or {@link absentRevision}. Computed when first asked for. */
  readonly revision: string;
}

/** No file. */
export const absentState: DocumentState = { source: undefined, bytes: undefined, revision: absentRevision };

/** Parses what was read. An empty file has no source; whether that is an error is for the caller to say. */
export function parseState(path: string, bytes: Buffer, limits: ParseLimits): DocumentState {
  return stateOf(bytes.length === 0 ? undefined : parseJson(path, bytes, limits), bytes);
}

/** The state of a file that holds this source. */
export function encodeState(source: JsonSource): DocumentState {
  return stateOf(source, Buffer.from(source.marked ? `\uFEFF${source.text}` : source.text));
}

/** What a document without usable content is: missing, or empty, which is corrupt unless it is allowed. */
export function noContentError(path: string, state: DocumentState): DocumentCorruptError | ReadFailedError {
  if (state.bytes !== undefined) return new DocumentCorruptError(path, "it is empty");
  const obstacle = fileAmongDirectoriesOf(path);
  if (obstacle !== undefined) {
    const cause = Object.assign(new Error("not a directory"), { code: "ENOTDIR" });
    return new ReadFailedError(path, cause, `${obstacle} is not a directory.`);
  }
  const hint = "Create it with write(), or give the document defaults.";
  return new ReadFailedError(path, Object.assign(new Error("no such file"), { code: "ENOENT" }), hint);
}

/** What stands where a directory would have to be: the reason why nothing can be at `path`. */
function fileAmongDirectoriesOf(path: string): string | undefined {
  try {
    for (let above = dirname(path); above !== dirname(above); above = dirname(above)) {
      const stats = files.statSync(above);
      if (stats !== undefined) return stats.isDirectory() ? undefined : above;
    }
  } catch {
    // Then it is simply missing, as far as we are allowed to see.
  }
  return undefined;
}

function stateOf(source: JsonSource | undefined, bytes: Buffer): DocumentState {
  let revision: string | undefined;
  return {
    source,
    bytes,
    get revision() {
      return (revision ??= contentRevision(bytes));
    },
  };
}
