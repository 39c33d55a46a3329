import { osCodeOf } from "../os-error.ts";
import { files, openFlags } from "../platform/file-system.ts";

/**
 * A directory opened for its fsync, which makes names in it durable.
 *
 * It is opened before the change it is to make durable: a lack of descriptors is then found while nothing is visible yet.
 * On Windows directories cannot be synced; NTFS journals names itself, and every call here does nothing.
 */
export interface DirectorySync {
  /** Fsyncs and closes. Throws the system's error; never to be repeated. */
  sync(): Promise<void>;
  syncSync(): void;
  /** Closes without fsync. Idempotent; never throws. */
  close(): void;
}

/** Opens `directory` for one fsync. Throws the system's error. */
export function openDirectorySync(directory: string): DirectorySync {
  if (process.platform === "win32") return nothingToSync;
  return new OpenDirectory(files.openSync(directory, openFlags.O_RDONLY | openFlags.O_DIRECTORY));
}

/** Makes the names in `directory` durable. Throws the system's error. */
export async function syncDirectory(directory: string): Promise<void> {
  await openDirectorySync(directory).sync();
}

/** The synchronous twin of {@link syncDirectory}. */
export function syncDirectorySync(directory: string): void {
  openDirectorySync(directory).syncSync();
}

/**
 * Whether a call that failed may have changed a name in `directory` all the same. XFS fails a rename with EIO whose new name is
 * in its log already, when it is shut down before the rename has given back what the directory no longer needs: after the next
 * mount the name is there. Where names can still be made durable, nothing of the kind has happened.
 */
export function mayHaveChangedNames(directory: string, cause: unknown): boolean {
  if (osCodeOf(cause) !== "EIO") return false;
  try {
    syncDirectorySync(directory);
    return false;
  } catch {
    return true;
  }
}

class OpenDirectory implements DirectorySync {
  #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  async sync(): Promise<void> {
    try {
      await files.fsync(this.#fd);
      this.#verifyAlive();
    } finally {
      this.close();
    }
  }

  syncSync(): void {
    try {
      files.fsyncSync(this.#fd);
      this.#verifyAlive();
    } finally {
      this.close();
    }
  }

  /**
   * XFS that shut itself down, after an error of its disk for one, answers the fsync of a directory with success though its
   * names were dropped; every look at it fails from then on, with EIO.
   */
  #verifyAlive(): void {
    files.fstatSync(this.#fd);
  }

  close(): void {
    if (this.#fd === -1) return;
    const fd = this.#fd;
    this.#fd = -1;
    try {
      files.closeSync(fd);
    } catch {
      // Nothing is written through a directory: what its fsync said stands.
    }
  }
}

const nothingToSync: DirectorySync = {
  sync: () => Promise.resolve(),
  syncSync: () => {},
  close: () => {},
};
