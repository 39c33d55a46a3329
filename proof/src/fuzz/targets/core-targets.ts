import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  cleanStaleLocks,
  editJson,
  fileStore,
  inspectLock,
  jsonDocument,
  jsonlLog,
  leases,
  listLocks,
  sweepStagedFiles,
  updateJson,
  updateJsonSync,
} from "../../harness/core.ts";
import { contentHash } from "../../../../packages/core/src/intent/intent-record.ts";
import type { Call, Target } from "../target.ts";

const document =
  '{\n  "count": 1,\n  "big": 9007199254740993,\n  "list": [{"id": "a", "n": 1.50}, {"id": "b"}],\n  "none": null\n}\n';
const log = ["started", "step", "done"]
  .map((type, at) => `${JSON.stringify({ type, at, text: "ü\u2028" })}\n`)
  .join("");

interface Loose {
  [key: string]: unknown;
}

function change(draft: unknown): void {
  if (Array.isArray(draft)) draft.push({ new: true });
  else if (typeof draft === "object" && draft !== null) (draft as Loose)["count"] = 2;
}

/** What core reads: documents, logs, and what it keeps beside them. */
export const coreTargets: readonly Target[] = [
  {
    name: "document",
    prepare: (directory) => writeFileSync(join(directory, "state.json"), document),
    calls: (directory): Call[] => {
      const path = join(directory, "state.json");
      const exact = jsonDocument<Loose>(path, { integers: "bigint" });
      return [
        ["read", () => jsonDocument<Loose>(path).read()],
        ["read exactly", () => exact.read()],
        ["update", () => updateJson<Loose>(path, change)],
        ["updateSync", () => updateJsonSync<Loose>(path, change)],
        ["update exactly", () => exact.update(change)],
        ["read again", () => jsonDocument<Loose>(path).readLocked()],
      ];
    },
  },
  {
    name: "log",
    prepare: (directory) => writeFileSync(join(directory, "events.jsonl"), log),
    calls: (directory): Call[] => {
      const path = join(directory, "events.jsonl");
      return [
        ["read", () => jsonlLog(path).read()],
        ["read around", () => jsonlLog(path, { onCorrupt: "skip" }).read()],
        ["problems", () => jsonlLog(path).problems()],
        ["append", () => jsonlLog(path).append({ type: "appended" })],
        ["rewrite", () => jsonlLog(path).rewrite((entries) => entries)],
        [
          "rewrite what is kept",
          () => jsonlLog(path, { onCorrupt: "keep" }).rewrite((entries) => entries.slice(1)),
        ],
        ["quarantine", () => jsonlLog(path, { onCorrupt: "quarantine" }).rewrite((entries) => entries)],
        ["read the rest", () => jsonlLog(path).read()],
      ];
    },
  },
  {
    name: "editJson",
    prepare: (directory) => writeFileSync(join(directory, "text"), document),
    calls: (_directory, mutated): Call[] => {
      const text = readFileSync(mutated, "utf8");
      return [["editJson", () => editJson<Loose>(text, change)]];
    },
    allows: (error) => error instanceof SyntaxError, // what JSON.parse says of a text that has no path
  },
  {
    name: "leases",
    prepare: async (directory) => {
      const store = fileStore(directory);
      const lease = await leases(store, { leaseMs: 60_000 }).acquire("nightly");
      await store
        .document<Loose>({ name: "a.json", defaults: () => ({}) })
        .update(change, { fence: lease.fence });
      await lease.release();
      await leases(store, { leaseMs: 60_000 }).acquire("weekly");
    },
    mutates: /leases\.json$|fencing-tokens\.json$/,
    calls: (directory): Call[] => {
      const store = fileStore(directory);
      const all = leases(store, { leaseMs: 60_000 });
      return [
        ["list", () => all.list()],
        ["inspect", () => all.inspect("weekly")],
        ["tryAcquire", async () => (await all.tryAcquire("nightly"))?.release()],
        [
          "a fenced write",
          async () => {
            const lease = await all.tryAcquire("yearly");
            if (lease === undefined) return;
            await store
              .document<Loose>({ name: "a.json", defaults: () => ({}) })
              .update(change, { fence: lease.fence });
            await lease.release();
          },
        ],
      ];
    },
  },
  {
    name: "intent",
    prepare: (directory) => {
      const members = ["left.json", "right.json"].map((file) => ({
        file,
        locks: [`${file}.lock`],
        stagedName: `.${file}.${"a".repeat(32)}.staged`,
        stagedHash: contentHash(Buffer.from("{}\n")),
        stagedBytes: 3,
        layout: "sidecar",
        backend: "flock",
        change: { kind: "document", before: "absent", after: "x" },
      }));
      writeFileSync(
        join(directory, "record"),
        JSON.stringify({ format: "flockwork intent 1", durability: "disk", members }),
      );
      for (const name of ["left.json", "right.json"]) writeFileSync(join(directory, name), '{"old":1}\n');
    },
    mutates: /record$/,
    calls: (directory, mutated): Call[] => {
      // Its digest is right: only somebody who knows the format wrote it.
      const line = readFileSync(mutated, "latin1").replaceAll("\n", " ");
      const whole = Buffer.from(`${line}\n${contentHash(Buffer.from(line))}\n`);
      const name = `.${"b".repeat(32)}.intent`;
      return [
        [
          "update of a marked document",
          async () => {
            const { symlinkSync } = await import("node:fs");
            writeFileSync(join(directory, name), whole);
            writeFileSync(join(directory, `.left.json.${"a".repeat(32)}.staged`), "{}\n");
            symlinkSync(name, join(directory, ".left.json.intent"));
            await updateJson<Loose>(join(directory, "left.json"), change);
          },
        ],
        ["sweepStagedFiles", () => sweepStagedFiles(directory)],
        ["update of the other", () => updateJson<Loose>(join(directory, "right.json"), change)],
      ];
    },
  },
  {
    name: "locks",
    prepare: (directory) => {
      const text = (extra: object): string =>
        JSON.stringify(
          {
            pid: 999_999,
            lockId: "x",
            timestamp: Date.now() - 90_000,
            holder: "ann",
            hostname: "h",
            ...extra,
          },
          null,
          2,
        );
      mkdirSync(join(directory, ".flowforge/.locks"), { recursive: true });
      mkdirSync(join(directory, "beads"));
      mkdirSync(join(directory, "tasks.json.lock"));
      writeFileSync(join(directory, "tasks.json.lock/pid"), "999999\n");
      writeFileSync(
        join(directory, ".flowforge/.locks/tasks.json.lock"),
        text({ heartbeat: Date.now() - 90_000 }),
      );
      writeFileSync(
        join(directory, "beads/.exclusive-lock"),
        text({ started_at: "2026-01-01T00:00:00Z", version: "1" }),
      );
      writeFileSync(join(directory, "tasks.json"), document);
      writeFileSync(join(directory, "beads/issues.jsonl"), log);
      writeFileSync(join(directory, "beads/beads.db"), "x");
    },
    mutates: /exclusive-lock$|locks\/tasks\.json\.lock$|lock\/pid$/,
    calls: (directory): Call[] => {
      const tasks = join(directory, "tasks.json");
      const issues = join(directory, "beads/issues.jsonl");
      return [
        ["inspect flowforge", () => inspectLock(tasks, { layout: "flowforge" })],
        ["inspect beads", () => inspectLock(issues, { layout: "beads" })],
        ["list", () => listLocks(join(directory, ".flowforge/.locks"))],
        [
          "update beside flowforge",
          () => updateJson<Loose>(tasks, change, { layout: "flowforge", timeoutMs: 20 }),
        ],
        ["append beside beads", () => jsonlLog(issues, { layout: "beads", timeoutMs: 20 }).append({ a: 1 })],
        ["clean", () => cleanStaleLocks(join(directory, ".flowforge/.locks"))],
      ];
    },
  },
];
