/** What lock files must go through: they are neither removed nor emptied, and nothing is written under one that was taken away. */
import { equal, ok } from "node:assert/strict";
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { loadBinding } from "@flockwork/flock";
import {
  acquireLock,
  jsonDocument,
  jsonlLog,
  replaceFile,
  tryAcquireLock,
  type LockOptions,
} from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { rawLockIsFree } from "../harness/raw-lock.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { publicCalls } from "./public-calls.ts";

/** P11: whoever waits for a lock file, in any language, waits for the one that is there afterwards. */
export async function lockFilesStay({ tally }: PartContext): Promise<void> {
  for (const call of publicCalls.filter(({ locks }) => locks)) {
    await tally.check(`the lock file stays, with what is in it: ${call.name}`, () =>
      withTemporaryDirectory(async (directory) => {
        const path = join(directory, "data");
        writeFileSync(path, call.kind === "log" ? '{"a":1}\n' : "{}\n");
        writeFileSync(`${path}.lock`, "4711\n");
        const { ino } = statSync(`${path}.lock`);
        await call.run(path);
        const now = statSync(`${path}.lock`, { throwIfNoEntry: false })?.ino;
        equal(now, ino, "the lock file is another, or gone");
        equal(readFileSync(`${path}.lock`, "utf8"), "4711\n", "the lock file was emptied or overwritten");
      }),
    );
  }
}

/** P1: a descriptor that was kept of a lock file that is gone, or another by now, locks nothing. */
export async function lockFilesReplaced({ tally }: PartContext): Promise<void> {
  for (const mode of ["exclusive", "shared"] as const) {
    await tally.check(
      `whoever kept a lock file open that was unlinked since takes the new one: ${mode}`,
      () =>
        withTemporaryDirectory(async (directory) => {
          const path = join(directory, "data");
          await (await acquireLock(path, mode)).release();
          rmSync(`${path}.lock`);
          const rival = openSync(`${path}.lock`, constants.O_RDWR | constants.O_CREAT, 0o600);
          try {
            ok(loadBinding().tryLock(rival, "exclusive"));
            const second = await tryAcquireLock(path, mode);
            await second?.release();
            equal(second, undefined, "two holders at once: one of the old lock file, one of the new");
          } finally {
            closeSync(rival);
          }
          await using lock = await acquireLock(path, mode);
          ok(
            lock.held && (mode === "shared" || !rawLockIsFree(`${path}.lock`)),
            "the new lock file is not locked",
          );
        }),
    );
  }
}

interface Taken {
  readonly name: string;
  readonly options: LockOptions;
  /** Takes the lock away from whoever holds it, as somebody does who thinks that it is stale. */
  readonly take: (path: string) => void;
}

const losable: readonly Taken[] = [
  {
    name: "FlowForge's lock",
    options: { layout: "flowforge" },
    take: (path) => rmSync(join(path, "..", ".flowforge"), { recursive: true }),
  },
  {
    name: "proper-lockfile's lock",
    options: { backend: "proper-lockfile" },
    take: (path) => rmSync(`${path}.lock`, { recursive: true }),
  },
];

/** P1: a lock that can be lost is looked at once more right before anything becomes visible. */
export async function nothingUnderLostLocks({ tally }: PartContext): Promise<void> {
  for (const { name, options, take } of losable) {
    const calls: readonly [string, (path: string) => Promise<unknown>][] = [
      [
        "JsonDocument.update",
        (path) =>
          jsonDocument<{ count: number }>(path, options).update((draft) => {
            draft.count = 1;
            take(path);
          }),
      ],
      [
        "jsonlLog.transact",
        (path) =>
          jsonlLog(path, options).transact((draft) => {
            draft.append({ count: 1 });
            take(path);
          }),
      ],
      [
        "assertHeld",
        async (path) => {
          const lock = await acquireLock(path, "exclusive", options);
          take(path);
          try {
            lock.assertHeld();
          } finally {
            await lock.release();
          }
          await replaceFile(path, "written", options);
        },
      ],
    ];
    for (const [call, run] of calls) {
      await tally.check(`nothing is written under ${name} once it was taken away: ${call}`, () =>
        withTemporaryDirectory(async (directory) => {
          const path = join(directory, "data");
          writeFileSync(path, '{"count":0}\n');
          mkdirSync(join(directory, ".flowforge", ".locks"), { recursive: true });
          const error = await run(path).then(
            () => undefined,
            (reason: unknown) => reason as { code?: string },
          );
          equal(readFileSync(path, "utf8"), '{"count":0}\n', "it wrote under a lock it had lost");
          equal(error?.code, "ERR_LEASE_LOST");
        }),
      );
    }
  }
}
