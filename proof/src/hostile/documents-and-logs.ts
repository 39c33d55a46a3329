/** P5, P10: hostile bytes in documents and logs, values that are hard to write, and what is above a limit. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jsonDocument, jsonlLog, LogCorruptError, TooLargeError, updateJson } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { pollution } from "../harness/pollution.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { dropInCalls } from "./drop-in-calls.ts";
import { keptDocuments, refusedAlways, refusedDocuments, refusedLines } from "./hostile-content.ts";
import { publicCalls, type PublicCall } from "./public-calls.ts";
import { leavesAlone, refuses } from "./refusal.ts";

const logCalls = publicCalls.filter(({ name }) => name === "JsonlLog.read" || name === "JsonlLog.rewrite");

export async function documents(context: PartContext): Promise<void> {
  const { tally } = context;
  const calls = [...publicCalls, ...dropInCalls].filter(({ kind }) => kind === "document");
  for (const { name, bytes } of refusedDocuments) {
    for (const call of calls) {
      await inDirectory(bytes, async (directory, path) => {
        const what = `a document that is ${name}: ${call.name}`;
        await tally.check(what, async () => {
          await refuses(directory, () => call.run(path));
          equal(pollution(), undefined, "a prototype was changed");
        });
      });
    }
  }
  await hugeDocuments(context, calls);
  for (const { name, bytes } of keptDocuments) {
    await inDirectory(bytes, async (directory, path) => {
      await tally.check(`a document with ${name} is read, and no empty update changes it`, async () => {
        await leavesAlone(directory, () => jsonDocument(path).read());
        await leavesAlone(directory, () => updateJson(path, () => undefined));
        await leavesAlone(directory, () => jsonDocument(path).updateSync(() => undefined));
        equal(pollution(), undefined, "a prototype was changed");
      });
      const text = Buffer.from(bytes).toString();
      if (!text.includes("{")) return;
      await tally.check(`a document with ${name} keeps its bytes when something else is added`, async () => {
        await updateJson<Record<string, unknown>>(path, (draft) => void (draft["added"] = 1));
        const after = readFileSync(path, "utf8");
        const { added } = JSON.parse(after.replace(/^\uFEFF/, "")) as { added?: unknown };
        equal(added, 1);
        const inside = text.slice(text.indexOf("{") + 1, text.lastIndexOf("}")).trim();
        ok(after.includes(inside), `${inside} became ${after}`);
      });
    });
  }
}

/** More than a machine has memory for: it takes no room on the disk, and is refused before anything is read. */
const hugeBytes = 2 ** 40;

async function hugeDocuments({ tally }: PartContext, calls: readonly PublicCall[]): Promise<void> {
  for (const call of calls)
    await inDirectory(Buffer.from("[]"), (directory, path) =>
      tally.check(`a document above its size limit: ${call.name}`, async () => {
        truncateSync(path, hugeBytes);
        const look = (): unknown => {
          const { ino, size, blocks, mtimeMs } = statSync(path);
          return { ino, size, blocks, mtimeMs };
        };
        const before = look();
        await rejects(async () => await call.run(path), TooLargeError);
        deepEqual(look(), before);
        deepEqual(
          readdirSync(directory).filter((name) => !/^data\.lock(?:\.gate)?$/.test(name)),
          ["data"],
        );
      }),
    );
}

/** P5: damage in the middle is told with its place, and is not taken for any other failure. */
export async function logs({ tally }: PartContext, calls: readonly PublicCall[] = logCalls): Promise<void> {
  const first = Buffer.from('{"first":1}\n');
  for (const { name, bytes } of [...refusedLines, ...refusedAlways]) {
    const log = Buffer.concat([first, bytes, Buffer.from('\n{"last":1}\n')]);
    const isBeyondLimits = refusedAlways.some((each) => each.name === name);
    const accepts = isBeyondLimits
      ? (error: unknown) => error instanceof TooLargeError
      : (error: unknown) =>
          error instanceof LogCorruptError && error.line === 2 && error.byteOffset === first.length;
    await inDirectory(log, async (directory, path) => {
      for (const call of calls)
        await tally.check(`a log with ${name} in it: ${call.name}`, () =>
          refuses(directory, () => call.run(path), accepts),
        );
      if (isBeyondLimits) return;
      await tally.check(`a log with ${name} in it is read around it when asked to`, () =>
        leavesAlone(directory, async () =>
          equal((await jsonlLog(path, { onCorrupt: "skip" }).read()).length, 2),
        ),
      );
    });
  }
  const crlf = Buffer.from('\uFEFF{"a":1}\r\n{"b":2}\r\n');
  await inDirectory(crlf, (directory, path) =>
    tally.check("a log with a byte order mark and CRLF is read", () =>
      leavesAlone(directory, async () => equal((await jsonlLog(path).read()).length, 2)),
    ),
  );
  await blankLines(tally);
}

async function blankLines(tally: PartContext["tally"]): Promise<void> {
  const blank = '\n{"a":1}\n\n  \t\n\r\n{"b":2}\r\n\n\n';
  await inDirectory(Buffer.from(blank), (directory, path) =>
    tally.check("blank lines in a log are passed over, and stay", async () => {
      const log = jsonlLog(path);
      const lines = async (): Promise<readonly unknown[]> => {
        const found: unknown[] = [];
        for await (const { line, record } of log.entries()) found.push([line, record]);
        return found;
      };
      const kept = [
        [2, { a: 1 }],
        [6, { b: 2 }],
      ];
      await leavesAlone(directory, async () => deepEqual(await lines(), kept));
      await log.append({ c: 3 });
      equal(readFileSync(path, "utf8"), `${blank}{"c":3}\n`);
      deepEqual(await lines(), [...kept, [9, { c: 3 }]]);
    }),
  );
}

/** A file of those bytes, alone in a directory. */
export async function inDirectory(
  bytes: Uint8Array,
  work: (directory: string, path: string) => Promise<unknown>,
): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const path = join(directory, "data");
    writeFileSync(path, bytes);
    await work(directory, path);
  });
}
