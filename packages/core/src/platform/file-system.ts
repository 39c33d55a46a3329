import * as fs from "node:fs";
import { countedSync, countedSyncLater } from "../events.ts";
import { withRoom } from "./descriptor-room.ts";

/**
 * The few file calls Flockwork makes, in one replaceable table, so that a test can make any of them fail.
 * Small metadata calls are synchronous: a few microseconds each, against tens through libuv's threads.
 */
export interface FileSystem {
  openSync(path: string, flags: number, mode?: number): number;
  closeSync(fd: number): void;
  readSync(fd: number, buffer: Uint8Array, offset: number, length: number, position: number | null): number;
  read(fd: number, buffer: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  writeSync(fd: number, buffer: Uint8Array, offset: number, length: number, position: number | null): number;
  write(
    fd: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number | null,
  ): Promise<number>;
  fsyncSync(fd: number): void;
  fsync(fd: number): Promise<void>;
  fdatasyncSync(fd: number): void;
  fdatasync(fd: number): Promise<void>;
  ftruncateSync(fd: number, length: number): void;
  fchmodSync(fd: number, mode: number): void;
  fchownSync(fd: number, uid: number, gid: number): void;
  futimesSync(fd: number, atime: number, mtime: number): void;
  fstatSync(fd: number): fs.BigIntStats;
  /** Undefined where nothing is. Follows links. */
  statSync(path: string): fs.BigIntStats | undefined;
  /** Undefined where nothing is. Does not follow a last link. */
  lstatSync(path: string): fs.BigIntStats | undefined;
  statfsSync(path: string): { readonly type: number };
  renameSync(from: string, to: string): void;
  linkSync(existing: string, path: string): void;
  symlinkSync(text: string, path: string): void;
  unlinkSync(path: string): void;
  mkdirSync(path: string, options: { readonly recursive: boolean; readonly mode: number }): void;
  rmdirSync(path: string): void;
  chmodSync(path: string, mode: number): void;
  readdirSync(path: string): string[];
  readlinkSync(path: string): string;
  realpathSync(path: string): string;
  watch(
    path: string,
    listener: (event: string, name: string | null) => void,
  ): { close(): void; unref(): void; on(event: "error", listener: (error: Error) => void): unknown };
}

const real: FileSystem = {
  openSync: (path, flags, mode) => withRoom(() => fs.openSync(path, flags, mode)),
  closeSync: (fd) => fs.closeSync(fd),
  readSync: (fd, buffer, offset, length, position) => fs.readSync(fd, buffer, offset, length, position),
  read: (fd, buffer, offset, length, position) =>
    promised((done) => fs.read(fd, buffer, offset, length, position, done)),
  writeSync: (fd, buffer, offset, length, position) => fs.writeSync(fd, buffer, offset, length, position),
  write: (fd, buffer, offset, length, position) =>
    promised((done) => fs.write(fd, buffer, offset, length, position, done)),
  fsyncSync: (fd) => countedSync(() => fs.fsyncSync(fd)),
  fsync: (fd) => countedSyncLater(() => promised((done) => fs.fsync(fd, done))),
  fdatasyncSync: (fd) => countedSync(() => fs.fdatasyncSync(fd)),
  fdatasync: (fd) => countedSyncLater(() => promised((done) => fs.fdatasync(fd, done))),
  ftruncateSync: (fd, length) => fs.ftruncateSync(fd, length),
  fchmodSync: (fd, mode) => fs.fchmodSync(fd, mode),
  fchownSync: (fd, uid, gid) => fs.fchownSync(fd, uid, gid),
  futimesSync: (fd, atime, mtime) => fs.futimesSync(fd, atime, mtime),
  fstatSync: (fd) => fs.fstatSync(fd, bigint),
  statSync: (path) => fs.statSync(path, bigintOrMissing),
  lstatSync: (path) => fs.lstatSync(path, bigintOrMissing),
  statfsSync: (path) => fs.statfsSync(path),
  renameSync: (from, to) => fs.renameSync(from, to),
  linkSync: (existing, path) => fs.linkSync(existing, path),
  symlinkSync: (text, path) => fs.symlinkSync(text, path),
  unlinkSync: (path) => fs.unlinkSync(path),
  mkdirSync: (path, options) => void fs.mkdirSync(path, options),
  rmdirSync: (path) => fs.rmdirSync(path),
  chmodSync: (path, mode) => fs.chmodSync(path, mode),
  readdirSync: (path) => withRoom(() => fs.readdirSync(path)),
  readlinkSync: (path) => fs.readlinkSync(path),
  realpathSync: (path) => fs.realpathSync.native(path),
  watch: (path, listener) => fs.watch(path, { persistent: true }, listener),
};

const bigint = { bigint: true } as const;
const bigintOrMissing = { bigint: true, throwIfNoEntry: false } as const;

/** The table in use. Call through it, never through a copy of one of its functions. */
export const files: FileSystem = { ...real };

/** Replaces some calls, for tests. Returns the function that puts the real ones back. */
export function substituteFileSystem(substitutes: Partial<FileSystem>): () => void {
  Object.assign(files, substitutes);
  return () => {
    Object.assign(files, real);
  };
}

/** The real calls, for substitutes that act now and then. */
export const realFileSystem: Readonly<FileSystem> = real;

/** Open flags, named here because only this folder imports node:fs. */
export const openFlags: typeof fs.constants = fs.constants;

function promised<T>(
  start: (done: (error: NodeJS.ErrnoException | null, result?: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, result) => {
      if (error === null || error === undefined) resolve(result as T);
      else reject(error);
    });
  });
}
