/** `@flockwork/core/fs`: the calls of `node:fs` that legacy scripts make, locked and atomic, one import away. */
export { readFile, readFileSync } from "./read.ts";
export { appendFile, appendFileSync, writeFile, writeFileSync } from "./write.ts";
export {
  readJson,
  readJsonSync,
  updateJson,
  updateJsonSync,
  writeJson,
  writeJsonSync,
  type WriteJsonOptions,
} from "./json.ts";
export type { LockedFileOptions, PathLike, ReadFileOptions, WriteFileOptions } from "./arguments.ts";
