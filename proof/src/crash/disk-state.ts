import { dirname } from "node:path";
import type { DiskCall, DiskEvent } from "./disk-calls.ts";

/** A file, or the names in a directory: changes are counted, and so are those that a sync has covered. */
export class Durable {
  changes = 0;
  covered = 0;

  get isDurable(): boolean {
    return this.covered >= this.changes;
  }
}

/** What of a disk would survive, call by call. Names are resolved paths; links and `..` are not followed. */
export class DiskState {
  readonly #inodes = new Map<string, Durable>();
  readonly #directories = new Map<string, Durable>();
  readonly #open = new Map<number, { readonly inode: Durable; readonly path: string }>();
  /** When each name last came to mean another file: the count of its directory then. */
  readonly #named = new Map<string, number>();
  readonly #syncing = new Map<DiskCall, number>();

  /** The bytes of a file, if it was touched. */
  content(path: string): Durable | undefined {
    return this.#inodes.get(path);
  }

  /** The file that a descriptor was opened for. */
  pathOf(fd: number | undefined): string | undefined {
    return fd === undefined ? undefined : this.#open.get(fd)?.path;
  }

  /** The names that were staged, and hold bytes that may be lost. */
  lossy(): string[] {
    return [...this.#inodes].filter(([, inode]) => !inode.isDurable).map(([path]) => path);
  }

  /** Whether what the name means now, it means after a loss of power as well. */
  isNameDurable(path: string): boolean {
    return (this.#named.get(path) ?? 0) <= this.#directory(dirname(path)).covered;
  }

  /** Why a file is not durable, in words; undefined where it is. */
  doubt(path: string): string | undefined {
    if (this.#inodes.get(path)?.isDurable === false)
      return "its bytes were not synced since they were written";
    for (let name = path; name !== dirname(name); name = dirname(name))
      if (!this.isNameDurable(name)) return `the directory of ${name} was not synced since it got its name`;
    return undefined;
  }

  apply({ call, at }: DiskEvent): void {
    if (at === "begin") this.#begin(call);
    else if (call.result !== undefined && call.result >= 0) this.#end(call);
  }

  #begin(call: DiskCall): void {
    const open = call.fd === undefined ? undefined : this.#open.get(call.fd);
    if (open === undefined) return;
    if (/^(?:write|pwrite64|ftruncate|copy_file_range)$/.test(call.name)) open.inode.changes += 1;
    // A sync covers what came before it, and only once it has ended.
    if (/^f(?:data)?sync$/.test(call.name)) this.#syncing.set(call, open.inode.changes);
  }

  #end(call: DiskCall): void {
    const [first = "", second = ""] = call.paths;
    if (call.name === "openat" || call.name === "open") this.#opened(first, call);
    else if (/^f(?:data)?sync$/.test(call.name)) this.#synced(call);
    else if (call.name === "close") this.#open.delete(call.fd ?? -1);
    else if (call.name.startsWith("rename")) {
      const inode = this.#inodes.get(first) ?? new Durable();
      this.#inodes.delete(first);
      this.#inodes.set(second, inode);
      this.#rename(first);
      this.#rename(second);
    } else if (call.name.startsWith("link")) {
      this.#inodes.set(second, this.#inodes.get(first) ?? new Durable());
      this.#rename(second);
    } else if (call.name.startsWith("symlink")) this.#rename(second);
    else if (call.name.startsWith("mkdir")) this.#rename(first);
    else if (call.name.startsWith("unlink")) {
      this.#inodes.delete(first);
      this.#rename(first);
    }
  }

  #opened(path: string, { result = -1, text }: DiskCall): void {
    if (text.includes("O_DIRECTORY")) {
      this.#open.set(result, { inode: this.#directory(path), path });
      return;
    }
    let inode = this.#inodes.get(path);
    if (inode === undefined) {
      this.#inodes.set(path, (inode = new Durable()));
      // Whether it was there before cannot be told; its directory must be synced once in either case.
      if (text.includes("O_CREAT")) this.#rename(path);
    }
    if (text.includes("O_TRUNC")) inode.changes += 1;
    this.#open.set(result, { inode, path });
  }

  #synced(call: DiskCall): void {
    const open = this.#open.get(call.fd ?? -1);
    const changes = this.#syncing.get(call);
    if (open !== undefined && changes !== undefined)
      open.inode.covered = Math.max(open.inode.covered, changes);
  }

  #rename(path: string): void {
    const directory = this.#directory(dirname(path));
    directory.changes += 1;
    this.#named.set(path, directory.changes);
  }

  #directory(path: string): Durable {
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const fresh = new Durable();
    this.#directories.set(path, fresh);
    return fresh;
  }
}
