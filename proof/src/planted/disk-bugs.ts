import type { PlantedBug } from "./planted-bug.ts";

const atomic = (name: string): string => `packages/core/src/atomic/${name}.ts`;

/** Bytes and names that are not as durable, or as whole, as was said. */
export const diskBugs: readonly PlantedBug[] = [
  {
    name: "renames a staged file without syncing it",
    edits: [
      {
        file: atomic("staged-file"),
        before: 'if (options.durability === "disk") await files.fsync(staging.fd);',
        after: "",
      },
    ],
    look: "syncs: JsonDocument.update",
    sees: /is renamed, or committed, before its bytes are synced/,
  },
  {
    name: "renames a staged file without syncing it, in a synchronous call",
    edits: [
      {
        file: atomic("staged-file"),
        before: 'if (options.durability === "disk") files.fsyncSync(staging.fd);',
        after: "",
      },
    ],
    look: "syncs: replaceFileSync",
    sees: /is renamed, or committed, before its bytes are synced/,
  },
  {
    name: "does not sync the directory of a replaced file",
    edits: [
      {
        file: atomic("commit-replacement"),
        before: "await directory?.sync();",
        after: "directory?.close();",
      },
    ],
    look: "syncs: JsonDocument.update",
    sees: /the directory of .* was not synced since it got its name/,
  },
  {
    name: "acknowledges an append before its lines are synced",
    edits: [{ file: atomic("shared-sync"), before: "await files.fdatasync(this.#file.fd);", after: "" }],
    look: "syncs: appendLines",
    sees: /its bytes were not synced since they were written/,
  },
  {
    name: "does not sync the directory of a new log",
    edits: [
      {
        file: atomic("shared-sync"),
        before: "if (!this.#directorySynced) await syncDirectory(dirname(this.#file.path));",
        after: "",
      },
    ],
    look: "syncs: appendLines to a new file",
    sees: /the directory of .* was not synced since it got its name/,
  },
  {
    name: "tries a failed fsync again, and reports success",
    edits: [
      {
        file: atomic("staged-file"),
        before: "await files.fsync(staging.fd);",
        after: "await files.fsync(staging.fd).catch(() => files.fsync(staging.fd));",
      },
    ],
    look: "errors of the kernel: replaceFile",
    sees: /when=1: ERR_WRITE_FAILED\n\s+AssertionError \[ERR_ASSERTION\]: done/,
  },
  {
    name: "trusts a descriptor whose sync has failed",
    edits: [{ file: atomic("append-file"), before: "|| this.sync.failed", after: "" }],
    look: "faults: appendLines",
    sees: /with fdatasync.*\n\s+the same operation does not work afterwards: CommitUncertainError/,
  },
  {
    name: "acknowledges a replacement before it is committed",
    edits: [
      {
        file: atomic("replace-file"),
        before: "  await withWriteLock(path, replace, options);",
        after: "  void withWriteLock(path, replace, options).catch(() => undefined);",
      },
    ],
    look: "kills: replaceFile",
    sees: /should hold the new content/,
  },
  {
    name: "writes a file in its place",
    edits: [
      {
        file: atomic("staged-file"),
        before: "files.renameSync(this.path, this.targetPath);",
        after:
          "const fd = files.openSync(this.targetPath, openFlags.O_CREAT | openFlags.O_WRONLY | 0o1000, 0o644);\n" +
          "      for (const byte of chunked(this.path)) files.writeSync(fd, byte, 0, byte.length, null);\n" +
          "      files.fsyncSync(fd);\n      files.closeSync(fd);\n      files.unlinkSync(this.path);",
      },
      {
        file: atomic("staged-file"),
        before: 'const stagingAttempt = "stage new content for";',
        after:
          'const stagingAttempt = "stage new content for";\n' +
          "function chunked(path: string): Buffer[] {\n" +
          "  const fd = files.openSync(path, openFlags.O_RDONLY);\n" +
          "  const bytes = Buffer.alloc(Number(files.fstatSync(fd).size));\n" +
          "  files.readSync(fd, bytes, 0, bytes.length, 0);\n  files.closeSync(fd);\n" +
          "  return [bytes.subarray(0, 100), bytes.subarray(100)];\n}",
      },
    ],
    look: "kills: replaceFile",
    sees: /should hold the old content or the new one/,
  },
  {
    name: "uses the same name for every staged file",
    edits: [
      {
        file: atomic("staged-name"),
        before: 'randomUUID().replaceAll("-", "")',
        after: 'randomUUID().replaceAll(/./g, "0").slice(4)',
      },
    ],
    look: "promise of the file store: transact",
    sees: /EEXIST/,
  },
  {
    name: "leaves staged files of the dead where they are",
    edits: [
      {
        file: atomic("sweep-staged"),
        before: "  sweepStagedOf(targetPath, names);\n  for",
        after: "  for",
      },
    ],
    look: "kills: JsonDocument.update",
    sees: /staged files after the next operation/,
  },
  {
    name: "cuts a torn tail off without setting it aside",
    edits: [
      {
        file: atomic("torn-tail"),
        before: 'const moved = quarantine(fd, path, "torn", [{ start, end: size }]);',
        after: "const moved = { path, bytes: size - start };",
      },
    ],
    look: "torn tails",
    sees: /what was set aside/,
  },
  {
    name: "appends behind a torn tail",
    edits: [
      {
        file: atomic("torn-tail"),
        before: "if (endsInNewline(fd, size)) return undefined;",
        after: "if (endsInNewline(fd, size) || size > 0) return undefined;",
      },
    ],
    look: "kills: appendLines after a torn tail",
    sees: /after the next operation|should hold/,
  },
  {
    name: "keeps a descriptor open when staging fails",
    edits: [{ file: atomic("staged-file"), before: "if (this.fd !== -1) this.close();", after: "" }],
    look: "faults: replaceFile",
    sees: /descriptors leak/,
  },
  {
    name: "leaves a staged file behind when staging fails",
    edits: [
      {
        file: atomic("staged-file"),
        before:
          "    this.rollback();\n    return new WriteFailedError(this.targetPath, stagingAttempt, cause);",
        after: "    return new WriteFailedError(this.targetPath, stagingAttempt, cause);",
      },
    ],
    look: "faults: replaceFile",
    sees: /a staged file is left/,
  },
  {
    name: "does not take back the part of an append that was written",
    edits: [{ file: atomic("append-file"), before: "files.ftruncateSync(this.fd, size);", after: "" }],
    look: "faults: appendLines",
    sees: /with write.*\n\s+the content is not what the outcome says: Error: .* holds/,
  },
];
