import {
  acquireLock,
  acquireLockSync,
  appendLines,
  appendLinesSync,
  jsonDocument,
  jsonlLog,
  readText,
  replaceFile,
  replaceFileSync,
  updateJson,
  withReadLock,
} from "../harness/core.ts";

/** A public call, as one would make it on a file. */
export interface PublicCall {
  readonly name: string;
  /** What it expects of the file: any bytes, a JSON document, a JSONL log, or nothing (it only locks). */
  readonly kind: "lock" | "bytes" | "document" | "log";
  readonly locks: boolean;
  readonly changes: boolean;
  /** A directory that is missing is made. */
  readonly makesDirectories?: boolean;
  /** It stands in for a call of `node:fs`: where the system refused, it throws the system's own error. */
  readonly asTheSystem?: true;
  /** Whether it may also succeed where something of that name is put before it: what lies outside must stay. */
  readonly passesOver?: (what: string) => boolean;
  run(path: string): unknown;
}

type Draft = Record<string, unknown>;

const change = (draft: Draft): void => void (draft["changed"] = true);
const wait = { timeoutMs: 500 };

function call(
  name: string,
  kind: PublicCall["kind"],
  does: "reads" | "locks" | "changes",
  run: (path: string) => unknown,
): PublicCall {
  return { name, kind, locks: does !== "reads", changes: does === "changes", run };
}

export const publicCalls: readonly PublicCall[] = [
  call("acquireLock", "lock", "locks", async (path) =>
    (await acquireLock(path, "exclusive", wait)).release(),
  ),
  call("acquireLockSync", "lock", "locks", (path) => acquireLockSync(path, "exclusive", wait).releaseSync()),
  call("withReadLock", "lock", "locks", (path) => withReadLock(path, () => undefined, wait)),
  call("replaceFile", "bytes", "changes", (path) => replaceFile(path, "replaced", wait)),
  call("replaceFileSync", "bytes", "changes", (path) => replaceFileSync(path, "replaced", wait)),
  call("appendLines", "bytes", "changes", (path) => appendLines(path, ["appended"], wait)),
  call("appendLinesSync", "bytes", "changes", (path) => appendLinesSync(path, ["appended"], wait)),
  call("readText", "bytes", "reads", (path) => readText(path)),
  call("JsonDocument.read", "document", "reads", (path) => jsonDocument(path).read()),
  call("JsonDocument.readSync", "document", "reads", (path) => jsonDocument(path).readSync()),
  call("JsonDocument.readLocked", "document", "locks", (path) => jsonDocument(path).readLocked(wait)),
  call("updateJson", "document", "changes", (path) => updateJson(path, change, wait)),
  call("JsonDocument.updateSync", "document", "changes", (path) =>
    jsonDocument<Draft>(path).updateSync(change, wait),
  ),
  call("JsonlLog.read", "log", "reads", (path) => jsonlLog(path).read()),
  call("JsonlLog.append", "log", "changes", (path) => jsonlLog(path).append({ more: 1 }, wait)),
  call("JsonlLog.appendSync", "log", "changes", (path) => jsonlLog(path).appendSync({ more: 1 }, wait)),
  call("JsonlLog.rewrite", "log", "changes", (path) =>
    jsonlLog(path).rewrite((entries) => [...entries, { more: 1 }], wait),
  ),
];
