import { fstatSync, lstatSync, statSync, type BigIntStats } from "node:fs";
import { geteuid } from "node:process";

import { FlockSystemError } from "./errors.ts";

/** The bits of {@link FlockBinding.checkGrant} and {@link PreparedLock.attempt}: 0, or the sum of everything that makes a grant worth less. */
export const GrantCheck: {
  /** The lock file is the one at the path, and the data file is ordinary or absent. */
  readonly ok: 0;
  /** The path names another file than the locked one, or none: somebody unlinked it. Close and open again. */
  readonly lockReplaced: 1;
  /** The data file is a symbolic link: its neighbours may lock the target's sidecar instead. */
  readonly dataIsSymlink: 2;
  /** The data file has other names, whose users lock other sidecars. */
  readonly dataHasHardLinks: 4;
  /** The lock file is a directory, a device or a pipe. */
  readonly lockNotRegular: 8;
  /** The lock file belongs neither to this process's user nor to root. */
  readonly lockForeignOwner: 16;
  /** Someone else holds the lock. Only {@link PreparedLock.attempt} says so: `checkGrant` does not try. */
  readonly busy: 32;
} = {
  ok: 0,
  lockReplaced: 1,
  dataIsSymlink: 2,
  dataHasHardLinks: 4,
  lockNotRegular: 8,
  lockForeignOwner: 16,
  busy: 32,
};

/** The check for bindings without a native one: three fs calls, inodes exact in 64 bits. */
export function checkGrantWithFs(fd: number, lockPath: string, dataPath: string): number {
  try {
    const held = fstatSync(fd, { bigint: true });
    let bits: number = GrantCheck.ok;
    if (!held.isFile()) bits |= GrantCheck.lockNotRegular;
    if (held.uid !== 0n && held.uid !== BigInt(geteuid?.() ?? 0)) bits |= GrantCheck.lockForeignOwner;
    const named = unlessMissing(() => statSync(lockPath, { bigint: true }));
    if (named?.ino !== held.ino || named.dev !== held.dev) bits |= GrantCheck.lockReplaced;
    if (dataPath === "") return bits;
    const data = unlessMissing(() => lstatSync(dataPath, { bigint: true }));
    if (data?.isSymbolicLink() === true) bits |= GrantCheck.dataIsSymlink;
    if (data?.isFile() === true && data.nlink > 1n) bits |= GrantCheck.dataHasHardLinks;
    return bits;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "EINVAL";
    throw new FlockSystemError("check the grant on", fd, code.startsWith("ERR_") ? "EINVAL" : code, {
      cause: error,
    });
  }
}

function unlessMissing(look: () => BigIntStats): BigIntStats | undefined {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
