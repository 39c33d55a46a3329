import { realFileSystem, substituteFileSystem, type FileSystem } from "../harness/core.ts";

/** Syncs that are left out on purpose: whoever judges must notice. */
export type Sabotage = "no sync of directories" | "no sync of files";

/** Leaves out syncs, in this process, from now on. */
export function sabotage(what: Sabotage): void {
  const isLeftOut = (fd: number): boolean =>
    realFileSystem.fstatSync(fd).isDirectory() === (what === "no sync of directories");
  const syncing = ["fsyncSync", "fdatasyncSync"] as const;
  const syncingLater = ["fsync", "fdatasync"] as const;
  const calls: Partial<FileSystem> = {};
  for (const name of syncing)
    calls[name] = (fd) => {
      if (!isLeftOut(fd)) realFileSystem[name](fd);
    };
  for (const name of syncingLater)
    calls[name] = async (fd) => {
      if (!isLeftOut(fd)) await realFileSystem[name](fd);
    };
  substituteFileSystem(calls);
}
