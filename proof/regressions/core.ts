import type { Edit } from "../src/planted/planted-bug.ts";
import type { Regression } from "./regression.ts";

const edit = (file: string, before: string, after: string): Edit => ({
  file: `packages/core/src/${file}.ts`,
  before,
  after,
});

/** What the proof found in core. */
export const coreRegressions: readonly Regression[] = [
  {
    foundBy: "crash",
    wentWrong:
      "a process killed while it took FlowForge's lock left a directory that kept everybody out for five seconds",
    file: "packages/core/test/lock/existence-leg.test.ts",
    title: "has its record before its pid, and loses it after",
    old: [
      edit(
        "lock/existence-leg",
        '      writeNewFile(join(path, ownRecordName), record);\n      writeNewFile(join(path, "pid"), `${process.pid}\\n`);\n',
        '      writeNewFile(join(path, "pid"), `${process.pid}\\n`);\n      writeNewFile(join(path, ownRecordName), record);\n',
      ),
    ],
    sees: /to deeply equal \[ 'made flockwork', 'made pid'/,
  },
  {
    foundBy: "crash",
    wentWrong:
      "what an interrupted commit of several files had left was finished only by some of those who came next",
    file: "packages/core/test/transact/recovery.test.ts",
    title: "whoever takes the lock of one member finishes all, after the %s",
    old: [
      edit(
        "intent/finish-intent",
        "if (member.targetPath !== lock.targetPath) visit(member, record, recordPath, lock);",
        "if (member.targetPath === undefined) visit(member, record, recordPath, lock);",
      ),
    ],
    sees: /finishes all, after the commit\n.*to deeply equal \[\]/,
  },
  {
    foundBy: "histories",
    wentWrong: "of two that finished the same interrupted commit at once, one failed",
    file: "packages/core/test/transact/recovery.test.ts",
    title: "many who come at once, by different members, finish it once",
    old: "the order of two processes decides whether it shows",
  },
  {
    foundBy: "faults",
    wentWrong: "a release that failed in the kernel escaped untyped from a reader's gate",
    file: "proof/src/faults/fault-operations.ts",
    look: "faults: withReadLockSync",
    title: "withReadLockSync",
    old: [
      edit(
        "lock/turnstile",
        "    } catch {\n      this.close();\n    }\n  }\n\n  /** Looking",
        "    } catch (error) {\n      this.close();\n      throw error;\n    }\n  }\n\n  /** Looking",
      ),
    ],
    sees: /with flock\.unlock.*\n\s+its error is not a StoreError/,
  },
  {
    foundBy: "faults",
    wentWrong: "a shared attempt that failed kept the descriptor of its gate",
    file: "packages/core/test/lock/release-faults.test.ts",
    title: "P6: a shared attempt that fails keeps no descriptor, of its gate neither",
    old: [
      edit(
        "lock/kernel-lock",
        "    if (this.competitions === 0) this.turnstile.close();\n    this.#closeDescriptor();",
        "    this.#closeDescriptor();",
      ),
    ],
    sees: /to deeply equal \[\]/,
  },
  {
    foundBy: "faults",
    wentWrong: "a file that could not be looked at was left out of a directory's list as if it were none",
    file: "packages/core/test/atomic/list-directory.test.ts",
    title: "P6: a file that cannot be looked at with %s is not taken for none",
    old: [
      edit(
        "atomic/list-directory",
        "    throw cause;\n  }\n}\n\n/** Whether it is",
        '    return { kind: "other", bytes: 0 };\n  }\n}\n\n/** Whether it is',
      ),
    ],
    sees: /to throw/,
  },
  {
    foundBy: "faults",
    wentWrong: "a rewrite that could not read what it compares ended in the system's bare error",
    file: "packages/core/test/log/rewrite.test.ts",
    title: "P6: reads that fail while it looks whether anything changes are typed errors, and change nothing",
    old: [edit("log/whole-log", "throw asReadFailure(log.path, error);", "throw error;")],
    sees: /ERR_READ_FAILED/,
  },
  {
    foundBy: "faults",
    wentWrong: "the part of an append that a full disk had taken stayed",
    file: "packages/core/test/atomic/append-faults.test.ts",
    title: "G1: the part that was written is taken back",
    old: [edit("atomic/append-file", "files.ftruncateSync(this.fd, size);", "")],
    sees: /to be 'old/,
  },
  {
    foundBy: "power",
    wentWrong:
      "XFS answers the fsync of a directory with success once it has shut itself down, and that was acknowledged",
    file: "proof/test/power.test.ts",
    title:
      "T4, P3, P14: nothing is acknowledged on ${kind} once its power is gone, at whichever file call it went",
    old: [edit("atomic/sync-directory", "    files.fstatSync(this.#fd);\n", "")],
    sees: /AssertionError/,
  },
  {
    foundBy: "states",
    wentWrong: "where the power left NULs in place of lines, a recovery appended the lines once more",
    file: "packages/core/test/transact/recovery.test.ts",
    title: "lines are there once where the power left NULs %s",
    old: [edit("intent/finish-log", "byte === 0 || byte === lines", "byte === lines")],
    sees: /to be '\{"round":0/,
  },
  {
    foundBy: "states",
    wentWrong: "a new log that a dead finisher had completed got its lines twice",
    file: "packages/core/test/transact/rewrite-logs.test.ts",
    title: "a log that is new, and was finished by somebody who died before saying so, is not written twice",
    old: [
      edit(
        "intent/finish-document",
        "revision === after || (isLog && beginsWith(current, stagedBytes, after))",
        "revision === after",
      ),
    ],
    sees: /deeply equal/,
  },
  {
    foundBy: "states",
    wentWrong:
      "a torn tail was set aside and its cut lost with the power, so that the next line stood behind it",
    file: "packages/core/test/atomic/append-lines.test.ts",
    title: "is durable aside before it is cut off, and the cut before anything is written there",
    old: [edit("atomic/torn-tail", "files.fdatasyncSync(fd); //", "//")],
    sees: /to deeply equal \[ 'writeSync', 'fsyncSync'/,
  },
  {
    foundBy: "pause",
    wentWrong: "a write was refused as stale before the signal of its lease had fired",
    file: "packages/core/test/lease/leases.test.ts",
    title:
      "a holder whose write is refused as stale has lost its lease: its signal fires before the write is refused",
    old: [edit("lease/fence-register", "fence.lose?.(error);", "")],
    sees: /to deeply equal \[ 'signal'/,
  },
  {
    foundBy: "pause",
    wentWrong: "a holder that was stopped between two looks at clocks did not learn that its lease was lost",
    file: "packages/core/test/lease/fence-register.test.ts",
    title:
      "T7: a holder that was stopped between its look at the clock and the register's finds its lease lost when it is refused",
    old: [edit("lease/fence-register", "        fence.assertHeld?.(); // a holder", "        // a holder")],
    sees: /expected 1 to be 2/,
  },
  {
    foundBy: "conformance",
    wentWrong: "a token as high as a number can be kept its lease from ever being granted again",
    file: "proof/src/conformance/cases/token-cases.ts",
    look: "promise of the file store: D5",
    title: "no token that a write shows, however high, keeps the lease from being granted and used",
    old: [edit("lease/fence-register", "      refuseUngranted(fence);\n", "")],
    sees: /expected RangeError, but it did not fail/,
  },
  {
    foundBy: "conformance",
    wentWrong: "a fence that went stale while the work went on was accepted",
    file: "packages/core/test/store/both-stores.test.ts",
    title: "D5: a fence that went stale while the work went on is refused, whatever the work",
    old: [
      edit(
        "document/perform-jobs",
        "    if (fence !== undefined) yield* settled(fence.admit()); // again: the recipes may have taken long\n",
        "",
      ),
    ],
    sees: /resolved/,
  },
  {
    foundBy: "conformance",
    wentWrong: "a try found a free lock busy while a wait that was given up was on its way out",
    file: "packages/core/test/lock/tries.test.ts",
    title: "a wait that was given up keeps %s from no free lock",
    old: [
      edit(
        "lock/local-queue",
        "if (readyToWait ? this.#competition !== undefined : !this.#setAside()) return",
        "if (this.#competition !== undefined) return",
      ),
    ],
    sees: /expected undefined to be defined/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a register whose tokens are an array ended in an error of the library beneath",
    file: "packages/core/test/lease/fence-register.test.ts",
    title: "a damaged register lets no fenced write through, and is left as it is",
    old: [
      edit(
        "lease/fence-register",
        "return isObject(tokens) &&",
        'return typeof tokens === "object" && tokens !== null &&',
      ),
    ],
    sees: /Immer/,
  },
  {
    foundBy: "hostile",
    wentWrong:
      "a name that is too long, or a loop of links, came out of `readText` as the system's bare error",
    file: "packages/core/test/document/read-text.test.ts",
    title: "P10: %s is refused by a typed error",
    old: [edit("document/read-text", "throw new ReadFailedError(path, cause);", "throw cause;")],
    sees: /ERR_READ_FAILED/,
  },
  {
    foundBy: "hostile",
    wentWrong: "a link that another user had planted in a directory for all was followed to a file of ours",
    file: "packages/core/test/lock/foreign-link.test.ts",
    title: "P11: is not followed to a file of ours: %s",
    old: [
      edit(
        "lock/foreign-link",
        "owner === BigInt(process.geteuid())) return false;",
        "owner !== undefined) return false;",
      ),
    ],
    sees: /ERR_UNSAFE_PATH|resolved/,
  },
  {
    foundBy: "hostile",
    wentWrong:
      "what another user had planted in a directory for all, as if a transact had been interrupted, was finished: lines of theirs came into our log",
    file: "packages/core/test/transact/foreign-claims.test.ts",
    title: "P11: is not obeyed where anybody may have planted %s",
    old: [edit("intent/foreign-claim", "owner === 0n ||", "owner !== -1n ||")],
    sees: /ERR_UNSAFE_PATH|resolved/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a token longer than any reader accepts was handed out",
    file: "packages/core/test/lease/fencing-token.test.ts",
    title: "P7: a token that no reader would accept is refused, not handed out",
    old: [edit("lease/fencing-token", "if (!isFencingToken(next))", 'if (next === "")')],
    sees: /throw/,
  },
  {
    foundBy: "fuzz",
    wentWrong: "a key __proto__ with an escaped letter was taken from a log",
    file: "packages/core/test/log/jsonl-log.test.ts",
    title: "G5: %s in the middle is an error with line and byte, and everything stays",
    old: [edit("log/line-block", 'this.bytes.includes("\\\\u00")', 'this.bytes.includes("\\\\u005")')],
    sees: /resolved/,
  },
  {
    foundBy: "crash",
    wentWrong:
      "an append of the drop-in calls was acknowledged before the name of its file was durable, where whoever had made the file was dead",
    file: "packages/core/test/fs/fs.test.ts",
    title: "P3: append durably also to a file whose maker may have died before its name was",
    old: [
      edit(
        "fs/append-bytes",
        "      await syncDirectory(dirname(lock.targetPath)); //",
        "      if (files.fstatSync(fd).size === BigInt(bytes.length)) await syncDirectory(dirname(lock.targetPath)); //",
      ),
      edit(
        "fs/append-bytes",
        "      syncDirectorySync(dirname(lock.targetPath));",
        "      if (files.fstatSync(fd).size === BigInt(bytes.length)) syncDirectorySync(dirname(lock.targetPath));",
      ),
    ],
    sees: /expected \[\] to deeply equal \[ \d+, \d+ \]/,
  },
  {
    foundBy: "faults",
    wentWrong:
      "an append of the drop-in calls that was synced was said not to be written, where only closing its file had failed, and was done twice",
    file: "packages/core/test/fs/fs.test.ts",
    title: "P6: do not say that an append was refused where only closing its file failed",
    old: [
      edit(
        "fs/append-bytes",
        'if (durability !== "disk") throw new CommitUncertainError(path, cause);',
        "throw cause;",
      ),
    ],
    sees: /^\s+Error: EIO\n\s+at .*closeSync/m,
  },
  {
    foundBy: "faults",
    wentWrong: "a lease of proper-lockfile whose directory could not be looked at was never given back",
    file: "packages/core/test/lock/lease-lock.test.ts",
    title: "P6: one that cannot be looked at is not kept, and the error says what the system refused",
    old: [edit("lock/lease-lock", "identity: this.#lookOrGiveBack(give)", "identity: this.#look()")],
    sees: /expected true to be false/,
  },
  {
    foundBy: "faults",
    wentWrong: "under a shared lock the look for an interrupted commit ended in the system's bare error",
    file: "packages/core/test/store/file-store.test.ts",
    title:
      "P6: %s says by a typed error that it cannot be told whether a commit was interrupted, and leaves nothing locked",
    old: [
      edit("intent/read-finished", "    throw new ReadFailedError(targetPath, cause);", "    throw cause;"),
    ],
    sees: /EIO.* to match object \{ code: 'ERR_READ_FAILED'/,
  },
  {
    foundBy: "power",
    wentWrong:
      "a rename that failed because the disk did was told as if nothing had changed, and had its new name after the next mount (XFS, shut down during the call)",
    file: "packages/core/test/atomic/replace-faults.test.ts",
    title: "P6: %s at any file call leaves the old content or the new, and says which",
    old: [
      edit(
        "atomic/staged-file",
        "if (!mayHaveChangedNames(dirname(this.targetPath), cause))",
        "if (cause !== undefined)",
      ),
    ],
    sees: /expected false to be true/,
  },
  {
    foundBy: "faults",
    wentWrong:
      "a log that could not be looked at right before its commit ended a transact in the system's bare error",
    file: "packages/core/test/transact/transact-faults.test.ts",
    title:
      "P6: %s at any file call of a commit of one log ends in a typed error, also right before its line is written",
    old: [
      edit(
        "transact/transact-files",
        "      refuseChanged(participants, changes);",
        "      for (const participant of participants) participant.refuseChangedSince();",
      ),
    ],
    sees: /to be an instance of StoreError/,
  },
  {
    foundBy: "faults",
    wentWrong:
      "a flock that was granted in vain, and could not be given back, ended in the system's bare error",
    file: "packages/core/test/lock/release-faults.test.ts",
    title: "P6: a flock that was granted in vain and cannot be given back is typed, and is not held",
    old: [
      edit(
        "lock/lock-descriptor",
        '      throw new LockFailedError(this.#path, "release", cause);\n    }\n  }\n\n  /** Whether what is held',
        "      throw cause;\n    }\n  }\n\n  /** Whether what is held",
      ),
    ],
    sees: /ERR_LOCK_FAILED/,
  },
  {
    foundBy: "hostile",
    wentWrong: "a link that another user had planted led the directory of locks elsewhere",
    file: "packages/core/test/lock/foreign-link.test.ts",
    title: "P11: is not followed to where the locks of %s would be",
    old: [
      edit("lock/open-lock-file", "  if (plan.createDirectory === true) refuseForeignDirectory(path);\n", ""),
    ],
    sees: /promise resolved .* instead of rejecting/,
  },
  {
    foundBy: "hostile",
    wentWrong: "a FIFO in the place of a document was removed as if it were one",
    file: "packages/core/test/store/file-store.test.ts",
    title: "P11: what is no regular file is not removed as a document",
    old: [edit("store/file-document", "    if (!found.isFile())\n", "    if (found === undefined)\n")],
    sees: /promise resolved .* instead of rejecting/,
  },
];
