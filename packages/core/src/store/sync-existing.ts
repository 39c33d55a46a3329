import { dirname } from "node:path";
import { syncDirectory } from "../atomic/sync-directory.ts";
import { CommitUncertainError } from "../errors.ts";
import { files, openFlags } from "../platform/file-system.ts";

/** Makes durable what a file holds, whoever wrote it. @throws {CommitUncertainError} it is there, but may not be durable. */
export async function syncExisting(path: string): Promise<void> {
  try {
    const fd = files.openSync(path, openFlags.O_RDONLY | openFlags.O_NONBLOCK);
    try {
      await files.fdatasync(fd);
    } finally {
      files.closeSync(fd);
    }
    await syncDirectory(dirname(path));
  } catch (cause) {
    throw new CommitUncertainError(path, cause);
  }
}
