/** T3 for real: the kernel itself answers with the error, by way of strace, and the operation must say so (P6, P14). */
import { equal, ok } from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { act } from "../crash/act.ts";
import { crashOperation } from "../crash/operations.ts";
import { verifyAftermath } from "../crash/verify.ts";
import type { PartContext } from "../harness/part.ts";

export interface KernelError {
  readonly operation: string;
  /** In strace's words: which call, which error, which occurrence. */
  readonly inject: string;
  /** The code of the error; undefined where the operation must succeed all the same. */
  readonly code: string | undefined;
  /** Whether the new content stands. */
  readonly changed: boolean;
}

function failing(operation: string, inject: string, code: string | undefined, changed = false): KernelError {
  return { operation, inject, code, changed };
}

export const kernelErrors: readonly KernelError[] = [
  failing("replaceFile", "fsync:error=EIO:when=1", "ERR_WRITE_FAILED"),
  failing("replaceFile", "fsync:error=EIO:when=2", "ERR_COMMIT_UNCERTAIN", true),
  failing("replaceFile", "fsync:error=EIO", "ERR_WRITE_FAILED"),
  failing("replaceFile", "rename:error=ENOSPC", "ERR_WRITE_FAILED"),
  failing("replaceFile", "fchmod:error=EROFS", "ERR_WRITE_FAILED"),
  failing("replaceFile", "flock:error=ENOLCK:when=1", "ERR_LOCK_FAILED"),
  failing("acquireLock todo2, release", "fcntl:error=ENOLCK:when=1", "ERR_LOCK_FAILED"),
  failing("replaceFile", "openat:error=EMFILE:when=1", undefined, true), // what is only kept is closed, and it is tried again
  failing("replaceFile", "openat:error=EMFILE", "ERR_LOCK_FAILED"),
  failing("replaceFileSync", "write:error=ENOSPC:when=1", "ERR_WRITE_FAILED"),
  failing("replaceFileSync", "write:error=EDQUOT:when=1", "ERR_WRITE_FAILED"),
  failing("replaceFileSync", "fsync:error=EIO:when=1", "ERR_WRITE_FAILED"),
  failing("appendLinesSync", "write:error=ENOSPC:when=1", "ERR_WRITE_FAILED"),
  failing("appendLinesSync", "fdatasync:error=EIO:when=1", "ERR_COMMIT_UNCERTAIN", true),
  failing("appendLines", "fdatasync:error=EIO:when=1", "ERR_COMMIT_UNCERTAIN", true),
  failing("JsonDocument.update", "fsync:error=EIO:when=1", "ERR_WRITE_FAILED"),
  failing("JsonDocument.update", "rename:error=EBUSY", "ERR_WRITE_FAILED"),
  failing("updateJsonSync", "write:error=ENOSPC:when=1", "ERR_WRITE_FAILED"),
  failing("jsonlLog.append", "fdatasync:error=EIO:when=1", "ERR_COMMIT_UNCERTAIN", true),
  failing("appendJsonlSync", "write:error=EIO:when=1", "ERR_WRITE_FAILED"),
];

export async function injectIntoKernel(
  { tally }: PartContext,
  root: string,
  errors: readonly KernelError[] = kernelErrors,
): Promise<void> {
  for (const [at, { operation: name, inject, code, changed }] of errors.entries()) {
    const operation = crashOperation(name);
    const done = await act(operation, mkdtempSync(join(root, "kernel-")), 0, inject);
    if (typeof done === "string")
      return tally.skip("errors from the kernel itself", done, errors.length - at);
    const isInjected = done.lines.some((line) => line.includes("(INJECTED)"));
    if (isInjected) tally.count("kernel_injections");
    await tally.check(`${name} with ${inject}: ${code ?? "succeeds"}`, async () => {
      ok(isInjected, "the call was not reached");
      ok(!done.killed && done.acknowledged !== undefined, "the process died");
      const error =
        done.acknowledged === "done" ? undefined : (JSON.parse(done.acknowledged) as { code: string });
      equal(error?.code, code, done.acknowledged);
      const { directory } = done;
      await verifyAftermath(operation, { directory, acknowledged: changed ? 1 : 0, begun: changed ? 1 : 0 });
    });
  }
}
