/** The one place that knows where core's sources are. Its internals are needed to make its file calls fail. */
export * from "../../../packages/core/src/index.ts";
export * as dropIn from "../../../packages/core/src/fs/index.ts";
export { replaceFile, replaceFileSync } from "../../../packages/core/src/atomic/replace-file.ts";
export { appendLines, appendLinesSync } from "../../../packages/core/src/atomic/append-lines.ts";
export { jsonDocument, type JsonDocument } from "../../../packages/core/src/document/json-document.ts";
export { updateJson, updateJsonSync } from "../../../packages/core/src/document/update-json.ts";
export { jsonlLog, type JsonlLog } from "../../../packages/core/src/log/jsonl-log.ts";
export { appendJsonl, appendJsonlSync } from "../../../packages/core/src/log/append-jsonl.ts";
export { closeAppendFiles } from "../../../packages/core/src/atomic/append-registry.ts";
export {
  files,
  realFileSystem,
  substituteFileSystem,
  type FileSystem,
} from "../../../packages/core/src/platform/file-system.ts";
export { flock, substituteFlock, type Flock } from "../../../packages/core/src/platform/flock.ts";
