import { constants, cpSync } from "node:fs";
import {
  realFileSystem,
  substituteFileSystem,
  type FileSystem,
} from "../../../core/src/platform/file-system.ts";
import { afterwards } from "./queue-directory.ts";

/** Calls that change what is on disk, but for writes. */
const changing = [
  "ftruncateSync",
  "renameSync",
  "linkSync",
  "symlinkSync",
  "unlinkSync",
  "mkdirSync",
] as const;

/**
 * What a process that is killed at any file call of `work` leaves behind: a copy of the directory for each. What happens between
 * two calls leaves no trace, and the kernel frees the locks. Each write is cut into two, so that halves are among the copies.
 */
export async function momentsOf(directory: string, work: () => Promise<unknown>): Promise<readonly string[]> {
  const moments: string[] = [];
  const keep = (): void => {
    const moment = `${directory}.${moments.length}`;
    cpSync(directory, moment, { recursive: true, verbatimSymlinks: true });
    moments.push(moment);
  };
  const wrapped: Record<string, unknown> = {};
  for (const name of changing) {
    const call = realFileSystem[name] as (...args: unknown[]) => unknown;
    wrapped[name] = (...args: unknown[]) => {
      keep();
      return call(...args);
    };
  }
  const behind = (position: number | null, written: number): number | null =>
    position === null ? null : position + written;
  const half = (length: number): number => Math.ceil(length / 2);
  const cut: Partial<FileSystem> = {
    openSync: (path, flags, mode) => {
      if ((flags & constants.O_CREAT) !== 0) keep();
      return realFileSystem.openSync(path, flags, mode);
    },
    writeSync: (fd, bytes, offset, length, position) => {
      keep();
      const written = realFileSystem.writeSync(fd, bytes, offset, half(length), position);
      keep();
      return (
        written +
        realFileSystem.writeSync(fd, bytes, offset + written, length - written, behind(position, written))
      );
    },
    write: async (fd, bytes, offset, length, position) => {
      keep();
      const written = await realFileSystem.write(fd, bytes, offset, half(length), position);
      keep();
      const rest = length - written;
      return (
        written + (await realFileSystem.write(fd, bytes, offset + written, rest, behind(position, written)))
      );
    },
  };
  const restore = substituteFileSystem({ ...wrapped, ...cut });
  afterwards(restore);
  await work();
  restore();
  keep();
  return moments;
}
