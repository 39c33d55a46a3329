import type { PlantedBug } from "./planted-bug.ts";

const lock = (name: string): string => `packages/core/src/lock/${name}.ts`;

/** Locks that are not held by whom they are said to be held, or not where they should be. */
export const lockBugs: readonly PlantedBug[] = [
  {
    name: "does not look whether the lock file it locked is still there",
    edits: [
      {
        file: lock("lock-descriptor"),
        before: 'if ((flaws & GrantCheck.lockReplaced) !== 0) return "replaced";',
        after: 'if ((flaws & GrantCheck.lockReplaced) !== 0) return "granted" as "replaced";',
      },
    ],
    look: "lock files replaced",
    sees: /two holders at once/,
  },
  {
    name: "unlinks the lock file before it unlocks it",
    edits: [
      {
        file: lock("kernel-lock"),
        before: "      flock.unlock(fd);\n    } catch (cause) {\n      this.close();",
        after:
          "      files.unlinkSync(this.#plan.path);\n      flock.unlock(fd);\n    } catch (cause) {\n      this.close();",
      },
    ],
    look: "lock files stay",
    sees: /the lock file is another, or gone/,
  },
  {
    name: "wakes a waiter that does not hold the lock",
    edits: [
      {
        file: lock("kernel-competition"),
        before: 'if (outcome !== "busy") return this.#end(outcome);\n      this.contested',
        after:
          'if (outcome !== "busy" || this.#rounds > 1) return this.#end("granted");\n      this.contested',
      },
      {
        file: lock("kernel-competition"),
        before: "const avoidsQueue = gate === undefined && this.#lock.neighboursUnlink;",
        after: "const avoidsQueue = true;",
      },
    ],
    look: "counter: add 200 each under the exclusive lock",
    sees: /two holders at once|updates were lost|ENOENT|ENOTEMPTY/,
  },
  {
    name: "lets a writer in beside a writer of the same process",
    edits: [
      { file: lock("local-queue"), before: 'if (this.#writing) return "busy";', after: "" },
      {
        file: lock("local-queue"),
        before: 'if (this.#waiters.size > 0) return "busy";',
        after: "",
      },
      {
        file: lock("local-queue"),
        before: 'if (readyToWait ? this.#competition !== undefined : !this.#setAside()) return "busy";',
        after: "",
      },
    ],
    look: "counter: callers in six worker threads",
    sees: /two holders at once|to be strictly equal:\s+\d+ !== \d+|ENOENT|ENOTEMPTY/,
  },
  {
    name: "commits under a lock that was taken away meanwhile",
    edits: [
      {
        file: "packages/core/src/atomic/commit-replacement.ts",
        before: "lock.assertHeld();\n    staged",
        after: "staged",
      },
    ],
    look: "locks taken away",
    sees: /wrote under a lock it had lost/,
  },
  {
    name: "keeps the lock when a write fails",
    edits: [
      {
        file: lock("with-lock"),
        before: "? result : await result;\n  } finally {\n    releaseOrWarn(lock);\n",
        after:
          "? (releaseOrWarn(lock), result) : (await result, releaseOrWarn(lock), await result);\n  } finally {\n",
      },
    ],
    look: "faults: replaceFile",
    sees: /the lock is still held/,
  },
  {
    name: "never breaks the lock of FlowForge that a dead holder left",
    edits: [
      {
        file: lock("existence-leg"),
        before: "if (!isOurDead && !isDead(found, this.#plan.staleMs)) return false;",
        after: "if (!isOurDead || found !== undefined) return false;",
      },
    ],
    look: "kills: acquireLock flowforge, release",
    sees: /is still locked/,
  },
  {
    name: "follows a link where its lock file should be",
    edits: [
      {
        file: lock("open-lock-file"),
        before: "const flags = O_NOFOLLOW | O_NONBLOCK | (policy.create ? O_CREAT : 0);",
        after: "const flags = O_NONBLOCK | (policy.create ? O_CREAT : 0);",
      },
    ],
    look: "hostile paths: the lock path is a link",
    sees: /the lock path is a link to.*\n.*(?:it was not refused|the disk was changed)/,
  },
  {
    name: "empties the lock file when it opens it",
    edits: [
      {
        file: lock("open-lock-file"),
        before: "return files.openSync(path, O_RDWR | flags, mode);",
        after: "return files.openSync(path, O_RDWR | flags | 0o1000, mode);",
      },
    ],
    look: "lock files stay",
    sees: /the lock file was emptied/,
  },
  {
    name: "writes its command line into its lock",
    edits: [
      {
        file: lock("existence-record"),
        before: '        holder: "flockwork",\n',
        after: '        holder: process.argv.join(" "),\n',
      },
    ],
    look: "secrets",
    sees: /of its holder: beads\n.* tells it/,
  },
];
