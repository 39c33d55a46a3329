/** The one place that knows where core's sources are. Its internals are needed to make its file calls fail. */
export * from "../../../packages/core/src/index.ts";
export { replaceFile, replaceFileSync } from "../../../packages/core/src/atomic/replace-file.ts";
export { appendLines, appendLinesSync } from "../../../packages/core/src/atomic/append-lines.ts";
export { closeAppendFiles } from "../../../packages/core/src/atomic/append-registry.ts";
export {
  files,
  realFileSystem,
  substituteFileSystem,
  type FileSystem,
} from "../../../packages/core/src/platform/file-system.ts";
export { flock, substituteFlock, type Flock } from "../../../packages/core/src/platform/flock.ts";
export { updateJson } from "./pending.ts";
