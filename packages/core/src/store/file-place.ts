import { basename, dirname, join, sep } from "node:path";
import { syncDirectorySync } from "../atomic/sync-directory.ts";
import { ReadFailedError, StoreError, UnsafePathError, WriteFailedError } from "../errors.ts";
import { resolveTarget } from "../lock/resolve-target.ts";
import { osCodeOf } from "../os-error.ts";
import { files } from "../platform/file-system.ts";

/** Where a store keeps its files. */
export interface FileRoot {
  readonly directory: string;
  /** Use files that links lead to outside of the directory. */
  readonly followOutside: boolean;
}

/** The file of one name of a store. */
export class FilePlace {
  readonly name: string;
  readonly path: string;
  readonly #root: FileRoot;
  #checked = false;

  constructor(root: FileRoot, name: string) {
    this.#root = root;
    this.name = name;
    this.path = join(root.directory, name);
  }

  /**
   * To be called before the file is read. What was inside once is not looked at again: reading changes nothing.
   * @throws {UnsafePathError} a link leads out of the store.
   */
  checkForReading(): void {
    if (this.#checked) return;
    try {
      if (!this.#directoryExists()) return;
      this.#checkInside();
      this.#checked = true;
    } catch (cause) {
      throw cause instanceof StoreError ? cause : new ReadFailedError(this.path, cause);
    }
  }

  /**
   * To be called before the file, or its lock, is written: makes the directories that are missing.
   * @throws {UnsafePathError} a link leads out of the store; nothing was made. @throws {WriteFailedError} they cannot be made.
   */
  prepareForWriting(): void {
    try {
      if (!this.#directoryExists()) this.#makeDirectories();
      this.#checkInside();
    } catch (cause) {
      throw cause instanceof StoreError
        ? cause
        : new WriteFailedError(this.path, "find or make the directory of", cause);
    }
  }

  #directoryExists(): boolean {
    try {
      return files.statSync(dirname(this.path))?.isDirectory() === true;
    } catch (cause) {
      if (osCodeOf(cause) === "ENOTDIR") return false;
      throw cause;
    }
  }

  /** From the root down, each made durable in its parent: what is in it must not be lost with it. */
  #makeDirectories(): void {
    let directory = this.#root.directory;
    files.mkdirSync(directory, { recursive: true, mode: 0o777 });
    for (const segment of dirname(this.name).split("/")) {
      if (segment === ".") continue;
      this.#checkDirectoryInside(directory);
      const parent = directory;
      directory = join(directory, segment);
      if (files.statSync(directory) !== undefined) continue;
      files.mkdirSync(directory, { recursive: true, mode: 0o777 });
      syncDirectorySync(parent);
    }
  }

  #checkInside(): void {
    if (this.#root.followOutside) return;
    const target = resolveTarget(this.path);
    if (!this.#isInside(dirname(target))) throw outside(this.path, target);
  }

  #checkDirectoryInside(directory: string): void {
    if (this.#root.followOutside) return;
    const real = files.realpathSync(directory);
    if (!this.#isInside(real)) throw outside(this.path, join(real, basename(this.path)));
  }

  #isInside(directory: string): boolean {
    const root = files.realpathSync(this.#root.directory);
    return directory === root || directory.startsWith(root === sep ? sep : root + sep);
  }
}

function outside(path: string, target: string): UnsafePathError {
  return new UnsafePathError(
    path,
    `a link leads out of the store, to ${target}. Give the store the option followOutside if that is wanted.`,
  );
}
