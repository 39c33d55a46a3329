/** Records what the packages do to a directory, at the table of file calls that all of core goes through. */
import { constants } from "node:fs";
import { basename, dirname } from "node:path";
import { realFileSystem as real, substituteFileSystem, type FileSystem } from "../harness/core.ts";
import type { Disk } from "./disk.ts";
import { type DiskEvent, root } from "./event.ts";

/** An open descriptor of a file below the directory. */
interface Opened {
  readonly file: number;
  readonly appends: boolean;
  offset: number;
}

/** Lock files hold nothing; losing them, and finding them, is the same. */
const ignored = /\.(?:lock|gate)$/;

/** Notes every change below one directory while it is attached. What it does not know, it refuses, so nothing goes unseen. */
export class Recorder {
  #events: DiskEvent[] = [];
  readonly #directory: string;
  /** What the disk holds by now, syncs aside. */
  readonly #disk: Disk;
  readonly #opened = new Map<number, Opened>();
  #files: number;
  #syncs: number;

  /** @param from - What the directory holds already. */
  constructor(directory: string, from: Disk, firstSync = 0) {
    this.#directory = directory;
    this.#disk = from.copy();
    this.#files = Math.max(...from.files.keys());
    this.#syncs = firstSync;
  }

  get syncs(): number {
    return this.#syncs;
  }

  /** Starts recording. Returns the function that ends it. */
  attach(): () => void {
    return substituteFileSystem({
      openSync: (path, flags, mode) => this.#open(path, flags, mode),
      closeSync: (fd) => {
        this.#opened.delete(fd);
        real.closeSync(fd);
      },
      writeSync: (...args) => this.#wrote(args, real.writeSync(...args)),
      write: async (...args) => this.#wrote(args, await real.write(...args)),
      ftruncateSync: (fd, size) => {
        real.ftruncateSync(fd, size);
        const opened = this.#opened.get(fd);
        if (opened !== undefined) this.#note({ kind: "truncate", file: opened.file, size });
      },
      fsyncSync: (fd) => this.#syncNow(fd, () => real.fsyncSync(fd)),
      fdatasyncSync: (fd) => this.#syncNow(fd, () => real.fdatasyncSync(fd)),
      fsync: (fd) => this.#syncLater(fd, () => real.fsync(fd)),
      fdatasync: (fd) => this.#syncLater(fd, () => real.fdatasync(fd)),
      renameSync: (from, to) => {
        real.renameSync(from, to);
        if (dirname(from) !== dirname(to)) throw new Error(`a rename between directories: ${from} to ${to}`);
        const directory = this.#find(dirname(from));
        if (directory !== undefined)
          this.#note({ kind: "rename", directory, from: basename(from), to: basename(to) });
      },
      linkSync: (existing, path) => {
        throw new Error(`a hard link, which the model does not know: ${existing}, ${path}`);
      },
      symlinkSync: (text, path) => {
        real.symlinkSync(text, path);
        this.#create(path, "symlink", text);
      },
      unlinkSync: (path) => {
        real.unlinkSync(path);
        const directory = this.#find(dirname(path));
        if (directory !== undefined && !ignored.test(path))
          this.#note({ kind: "unlink", directory, name: basename(path) });
      },
      mkdirSync: (path, options) => {
        const isNew = real.lstatSync(path) === undefined;
        real.mkdirSync(path, options);
        if (isNew) this.#create(path, "directory");
      },
      rmdirSync: (path) => {
        throw new Error(`a directory is removed, which the model does not know: ${path}`);
      },
    });
  }

  /** What was done since the last call, acknowledged by now. */
  acknowledged(): DiskEvent[] {
    const events = [...this.#events, { kind: "acknowledged" as const }];
    this.#events = [];
    return events;
  }

  #open(path: string, flags: number, mode?: number): number {
    const isNew = (flags & constants.O_CREAT) !== 0 && real.lstatSync(path) === undefined;
    const fd = real.openSync(path, flags, mode);
    if (isNew) this.#create(path, "file");
    const file = this.#find(path);
    if (file === undefined) return fd;
    if ((flags & constants.O_TRUNC) !== 0) throw new Error(`${path} is truncated by opening it`);
    this.#opened.set(fd, { file, appends: (flags & constants.O_APPEND) !== 0, offset: 0 });
    return fd;
  }

  #create(path: string, what: "file" | "directory" | "symlink", text?: string): void {
    const directory = this.#find(dirname(path));
    if (directory === undefined || ignored.test(path)) return;
    const named = { directory, name: basename(path), file: (this.#files += 1), what };
    this.#note({ kind: "create", ...named, ...(text !== undefined && { text }) });
  }

  #wrote([fd, buffer, from, , position]: Parameters<FileSystem["writeSync"]>, count: number): number {
    const opened = this.#opened.get(fd);
    if (opened === undefined) return count;
    const end = Number(real.fstatSync(fd).size);
    const offset = opened.appends ? end - count : (position ?? opened.offset);
    if (position === null) opened.offset = offset + count;
    const bytes = Buffer.from(buffer.subarray(from, from + count));
    this.#note({ kind: "write", file: opened.file, offset, bytes });
    return count;
  }

  #syncNow(fd: number, sync: () => void): void {
    const done = this.#begin(fd);
    sync();
    done();
  }

  async #syncLater(fd: number, sync: () => Promise<void>): Promise<void> {
    const done = this.#begin(fd);
    await sync();
    done();
  }

  #begin(fd: number): () => void {
    const opened = this.#opened.get(fd);
    if (opened === undefined) return () => undefined;
    const { file } = opened;
    const sync = (this.#syncs += 1);
    this.#note({ kind: "sync", file, sync });
    return () => this.#note({ kind: "synced", file, sync });
  }

  #note(event: DiskEvent): void {
    this.#events.push(event);
    this.#disk.apply(event);
  }

  /** The number of a file below the directory; undefined for what lies elsewhere, or is ignored. */
  #find(path: string): number | undefined {
    if (path === this.#directory) return root;
    if (!path.startsWith(`${this.#directory}/`)) return undefined;
    let file = root;
    for (const name of path.slice(this.#directory.length + 1).split("/")) {
      const next =
        this.#disk.file(file).what === "directory" ? this.#disk.namesNow(file).get(name) : undefined;
      if (next === undefined) return undefined;
      file = next;
    }
    return file;
  }
}
