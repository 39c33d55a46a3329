import { constants, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { realFileSystem, substituteFileSystem, type FileSystem } from "./core.ts";
import { jumpingClock } from "./jumping-clock.ts";
import type { Nemesis, RawBytes, UnsyncedWatch } from "./subject.ts";

/** What can be done to a store in files on this machine: processes die and stop, disks fill up, lock files vanish. */
export const fileNemesis: Nemesis = {
  killHolder: async (holder) => {
    holder.kill();
    await holder.exited;
  },
  pauseHolder: async (holder) => {
    holder.kill("SIGSTOP");
    await until(() => processState(holder.pid) === "T");
    return async () => {
      holder.kill("SIGCONT");
      await until(() => processState(holder.pid) !== "T");
    };
  },
  jumpClock: jumpingClock,
  fillDisk,
  loseLocks: ({ bytes }) => {
    if ("missing" in bytes) return;
    const names = bytes.names().filter((name) => /\.(lock|gate|flock)$/.test(name));
    for (const name of names) rmSync(bytes.pathOf?.(name) ?? name);
  },
  seeUnsynced,
};

/** The bytes of a directory. */
export function bytesOf(directory: string): RawBytes {
  return {
    read: (name) =>
      statSync(join(directory, name), { throwIfNoEntry: false })
        ? readFileSync(join(directory, name))
        : undefined,
    write: (name, bytes) => writeFileSync(join(directory, name), bytes),
    names: () =>
      readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) =>
        statSync(join(directory, name)).isFile(),
      ),
    pathOf: (name) => join(directory, name),
  };
}

async function fillDisk<T>(work: () => Promise<T>): Promise<T> {
  const full = (): never => {
    throw noSpace();
  };
  const restore = substituteFileSystem({ writeSync: full, write: () => Promise.reject(noSpace()) });
  try {
    return await work();
  } finally {
    restore();
  }
}

function noSpace(): Error {
  return Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
}

/** Follows every write and name change through the table of file calls, until it is synced. */
function seeUnsynced(): UnsyncedWatch {
  const dirty = new Set<string>();
  const nameOf = new Map<number, string>();
  const real = realFileSystem;
  const written = (fd: number): void => {
    const name = nameOf.get(fd) ?? `descriptor ${fd}`;
    if (!isOfLocks(name)) dirty.add(name);
  };
  const synced = (fd: number): void => void dirty.delete(nameOf.get(fd) ?? `descriptor ${fd}`);
  const moved = (from: string, to: string): void => {
    if (dirty.delete(from)) dirty.add(to);
    for (const [fd, name] of nameOf) if (name === from) nameOf.set(fd, to);
    dirty.add(`${dirname(to)}/`);
  };
  const calls: Partial<FileSystem> = {
    openSync: (path, flags, mode) => {
      const isNew = (flags & constants.O_CREAT) !== 0 && real.lstatSync(path) === undefined;
      const fd = real.openSync(path, flags, mode);
      if (isNew && !isOfLocks(path)) dirty.add(`${dirname(path)}/`);
      nameOf.set(fd, real.fstatSync(fd).isDirectory() ? `${path}/` : path);
      return fd;
    },
    closeSync: (fd) => {
      real.closeSync(fd);
      nameOf.delete(fd);
    },
    mkdirSync: (path, options) => {
      const isNew = real.lstatSync(path) === undefined;
      real.mkdirSync(path, options);
      if (isNew) dirty.add(`${dirname(path)}/`);
    },
    writeSync: (fd, ...rest) => {
      written(fd);
      return real.writeSync(fd, ...rest);
    },
    write: (fd, ...rest) => {
      written(fd);
      return real.write(fd, ...rest);
    },
    ftruncateSync: (fd, length) => {
      written(fd);
      real.ftruncateSync(fd, length);
    },
    fsyncSync: (fd) => {
      real.fsyncSync(fd);
      synced(fd);
    },
    fdatasyncSync: (fd) => {
      real.fdatasyncSync(fd);
      synced(fd);
    },
    fsync: (fd) => real.fsync(fd).then(() => synced(fd)),
    fdatasync: (fd) => real.fdatasync(fd).then(() => synced(fd)),
    renameSync: (from, to) => {
      real.renameSync(from, to);
      moved(from, to);
    },
  };
  return { now: () => [...dirty], stop: substituteFileSystem(calls) };
}

/** Locks are nothing that must survive a loss of power. */
function isOfLocks(name: string): boolean {
  return /\.(lock|gate|flock)$/.test(name);
}

function processState(pid: number): string | undefined {
  return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
}

/** Looks again and again. Rejects where looking throws. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
