import { basename, dirname, join, resolve } from "node:path";
import { UnsafePathError } from "../errors.ts";
import { describeOs, osCodeOf } from "../os-error.ts";
import { checkPath } from "../options.ts";
import { files } from "../platform/file-system.ts";
import { refuseForeignLink, refuseForeignLinksTo } from "./foreign-link.ts";
import { LockFailedError } from "./lock-errors.ts";

/**
 * One file, one lock: the canonical path that symlinks, `..` and relative spellings of a data file all lead to.
 *
 * The directory is resolved; a symlinked file stands for its target (which may be missing). The directory must exist.
 *
 * @throws {LockFailedError} `ERR_LOCK_FAILED`: the directory is missing or may not be searched. Nothing was changed.
 * @throws {UnsafePathError} `ERR_UNSAFE_PATH`: the file has several hard links, each of which would have a lock of its own; or a
 * symbolic link on the way is somebody else's, in a sticky directory that everybody may write to.
 */
export function resolveTarget(path: string): string {
  let target = resolve(checkPath("path", path));
  for (let hops = 0; hops <= 40; hops += 1) {
    let stats: ReturnType<typeof files.lstatSync>;
    try {
      const directory = dirname(target);
      const real = files.realpathSync(directory);
      if (real !== directory) refuseForeignLinksTo(path, directory);
      target = join(real, basename(target));
      stats = files.lstatSync(target);
    } catch (cause) {
      if (cause instanceof UnsafePathError) throw cause;
      throw new LockFailedError(path, "find the directory of", cause, hintFor(cause, target));
    }
    if (stats === undefined || !stats.isSymbolicLink()) {
      if (stats !== undefined && stats.isFile() && stats.nlink > 1n) throw hardLinked(path, stats.nlink);
      return target;
    }
    refuseForeignLink(path, target, stats.uid);
    target = resolve(dirname(target), files.readlinkSync(target));
  }
  throw new UnsafePathError(path, "it is a chain of more than 40 symbolic links, or a loop of them.");
}

export function hardLinked(path: string, links: bigint | undefined): UnsafePathError {
  const count = links === undefined ? "several" : `${links}`;
  return new UnsafePathError(
    path,
    `it has ${count} hard links. Each name would have a lock of its own, and replacing one leaves the others behind. ` +
      "Keep one name, or use a symbolic link.",
  );
}

function hintFor(cause: unknown, target: string): string {
  const code = osCodeOf(cause);
  if (code === "ENOENT") return `Create ${dirname(target)} first.`;
  return code === undefined ? describeOs(code, cause) : "";
}
