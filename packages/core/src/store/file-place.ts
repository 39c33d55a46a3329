import { basename, dirname, join, sep } from "node:path";
import { syncDirectorySync } from "../atomic/sync-directory.ts";
import { ReadFailedError, StoreError, UnsafePathError, WriteFailedError } from "../errors.ts";
import { resolveTarget } from "../lock/resolve-target.ts";
import { files } from "../platform/file-system.ts";
import { directoryInTheWay, fileInTheWay } from "./name-in-the-way.ts";

/** Where a store keeps its files. */
export interface FileRoot {
  readonly directory: string;
  /** Use files that links lead to outside of the directory. */
  readonly followOutside: boolean;
}

/** What a look at every part of a name found. */
interface Sight {
  /** Whether the directory the file is in is there. */
  readonly hasDirectory: boolean;
  /** Whether a part is a link, or the file has several names: where it leads to must be looked at. */
  readonly leadsOn: boolean;
}

/** The file of one name of a store. Each call looks anew: what was a directory may be a link by now. */
export class FilePlace {
  readonly name: string;
  readonly path: string;
  readonly #root: FileRoot;
  readonly #isLock: boolean;

  /** @param isLock - Whether only its lock is used: then a directory may be there. */
  constructor(root: FileRoot, name: string, isLock = false) {
    this.#root = root;
    this.name = name;
    this.path = join(root.directory, name);
    this.#isLock = isLock;
  }

  /**
   * To be called before the file is read.
   * @throws {UnsafePathError} a link leads out of the store, or the name is in the way of another.
   */
  checkForReading(): void {
    try {
      const { hasDirectory, leadsOn } = this.#look();
      if (hasDirectory && leadsOn) this.#checkTarget();
    } catch (cause) {
      throw cause instanceof StoreError ? cause : new ReadFailedError(this.path, cause);
    }
  }

  /**
   * To be called before the file, or its lock, is written: makes the directories that are missing.
   * @throws {UnsafePathError} a link leads out of the store, or the name is in the way of another; nothing was made.
   * @throws {WriteFailedError} they cannot be made.
   */
  prepareForWriting(): void {
    try {
      const { hasDirectory, leadsOn } = this.#look();
      if (!hasDirectory) this.#makeDirectories();
      if (!hasDirectory || leadsOn) this.#checkTarget();
    } catch (cause) {
      throw cause instanceof StoreError
        ? cause
        : new WriteFailedError(this.path, "find or make the directory of", cause);
    }
  }

  /** @throws {UnsafePathError} the name is a directory that lies outside of the store. */
  checkForListing(): void {
    try {
      if (files.statSync(this.path)?.isDirectory() === true) this.#checkDirectoryInside(this.path);
    } catch (cause) {
      throw cause instanceof StoreError ? cause : new ReadFailedError(this.path, cause);
    }
  }

  /** From the root down. A name that no link is part of lies inside; only the others are worth resolving. */
  #look(): Sight {
    const parts = this.name.split("/");
    let path = this.#root.directory;
    let leadsOn = false;
    for (const part of parts.slice(0, -1)) {
      path = join(path, part);
      const found = files.lstatSync(path);
      const isLink = found?.isSymbolicLink() === true;
      leadsOn ||= isLink;
      const stats = isLink ? files.statSync(path) : found;
      if (stats === undefined) return { hasDirectory: false, leadsOn };
      if (!stats.isDirectory()) throw fileInTheWay(this.path, path);
    }
    const stats = files.lstatSync(this.path);
    if (stats === undefined)
      return { hasDirectory: parts.length > 1 || files.statSync(path)?.isDirectory() === true, leadsOn };
    if (stats.isDirectory() && !this.#isLock) throw directoryInTheWay(this.path);
    return { hasDirectory: true, leadsOn: leadsOn || stats.isSymbolicLink() || stats.nlink > 1n };
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

  #checkTarget(): void {
    if (!this.#root.followOutside) {
      const target = resolveTarget(this.path);
      if (!this.#isInside(dirname(target))) throw outside(this.path, target);
    }
    if (!this.#isLock && files.statSync(this.path)?.isDirectory() === true)
      throw directoryInTheWay(this.path);
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
