import type { PlantedBug } from "./planted-bug.ts";

const core = (name: string): string => `packages/core/src/${name}.ts`;

/** Commits of several files, leases, and content from outside. */
export const storeBugs: readonly PlantedBug[] = [
  {
    name: "does not sync the record of a commit of several files",
    edits: [
      {
        file: core("transact/stage-together"),
        before: 'if (this.#durability === "disk") await files.fsync(fd);',
        after: "",
      },
    ],
    look: "syncs: store.transact of three files, then all of them",
    sees: /is renamed, or committed, before its bytes are synced/,
  },
  {
    name: "does not sync the directory of that record before it goes on",
    edits: [
      {
        file: core("transact/commit-together"),
        before: "    await commit.syncRecord();\n",
        after: "",
      },
    ],
    look: "syncs: store.transact of three files, then all of them",
    sees: /is changed before the commit's record is durable/,
  },
  {
    name: "does not sync what a commit of several files changed",
    edits: [
      { file: core("transact/commit-together"), before: "    await commit.syncChanges();\n", after: "" },
    ],
    look: "syncs: store.transact of three files, then all of them",
    sees: /the commit's record goes, and of/,
  },
  {
    name: "commits several files without a record",
    edits: [{ file: core("transact/commit-together"), before: "this.#staged.commit();", after: "" }],
    look: "kills: store.transact of three files, then all of them",
    sees: /different rounds|staged files after the next operation/,
  },
  {
    name: "does not finish an interrupted commit before it reads",
    edits: [
      {
        file: core("intent/read-finished"),
        before: "isMarked(targetPath) && readMark(targetPath) !== undefined",
        after: "isMarked(targetPath) && targetPath === undefined",
      },
    ],
    look: "kills: recovery by sweepStagedFiles of a transact interrupted at once, then each",
    sees: /left.json, once it was taken/,
  },
  {
    name: "forgets an interrupted commit when its first file is finished",
    edits: [
      {
        file: core("intent/remove-record"),
        before: "if (!isNeeded) removeIfThere(recordPath);",
        after: "removeIfThere(recordPath);",
      },
      {
        file: core("intent/finish-intent"),
        before: "if (member.targetPath !== lock.targetPath) visit(member, record, recordPath, lock);",
        after: "if (member.targetPath === undefined) visit(member, record, recordPath, lock);",
      },
    ],
    look: "kills: recovery by the log of a transact interrupted at once, then each",
    sees: /different rounds|once it was taken/,
  },
  {
    name: "appends the lines of an interrupted commit twice",
    edits: [
      { file: core("intent/finish-log"), before: "if (!holdsLines(since, lines)) {", after: "{" },
      {
        file: core("intent/finish-log"),
        before: "complete(log.fd, targetPath, size, since, lines);",
        after: "writeAllSync(log.fd, lines);",
      },
    ],
    look: "kills at each change: store.transact of three files, then the log", // it shows at three of them
    sees: /different rounds|should hold/,
  },
  {
    name: "does not refuse a stale fence",
    edits: [
      {
        file: core("lease/fence-register"),
        before: "if (known !== undefined && compareFencingTokens(fence.token, known) < 0) throw",
        after: 'if (known === undefined && compareFencingTokens(fence.token, known ?? "0") < 0) throw',
      },
    ],
    look: "promise of the file store: D5",
    sees: /under an old lease.*\n.*expected ERR_STALE_FENCING_TOKEN, but it did not fail/,
  },
  {
    name: "begins its tokens anew when a lease was released",
    edits: [
      {
        file: core("lease/grant-lease"),
        before: "token: nextFencingToken(previous?.token, now, floor, `the lease ${name}`),",
        after:
          'token: previous?.releasedAt === undefined ? nextFencingToken(previous?.token, now, floor, name) : "1",',
      },
    ],
    look: "promise of the file store: L2",
    sees: /L2: .*\n\s+.*(?:Error|follows)/, // it may end before the tokens are compared: at a grant that the register refuses
  },
  {
    name: "lets a document with its own __proto__ key in",
    edits: [
      {
        file: core("document/text/json-source"),
        before: 'const refuseProtoKeys = text.includes("__proto__") || text.includes("\\\\u00");',
        after: "const refuseProtoKeys = false;",
      },
    ],
    look: "hostile documents",
    sees: /was not refused|prototype/,
  },
];
