/** P10, P11: hostile input gives a typed error in time, changes nothing on disk, and never a prototype. */
import { equal, ok } from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jsonDocument, jsonlLog, LogCorruptError, TooLargeError, updateJson } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { rawLockIsFree } from "../harness/raw-lock.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { keptDocuments, refusedAlways, refusedDocuments, refusedLines } from "./hostile-content.ts";
import { hostileIds } from "./hostile-ids.ts";
import {
  asItsUser,
  giveToStranger,
  handOver,
  hostilePaths,
  openTo,
  placeKinds,
  refusalOf,
  usableContent,
  type HostilePath,
  type PlaceKind,
} from "./hostile-paths.ts";
import { hostileValues } from "./hostile-values.ts";
import { lockFilesReplaced, lockFilesStay, nothingUnderLostLocks } from "./lock-files.ts";
import { secretsStay, valuesAreNotCommands } from "./secrets.ts";
import { linearTime } from "./linear-time.ts";
import { terminal } from "./terminal.ts";
import { twinIds } from "./twin-ids.ts";
import { publicCalls, type PublicCall } from "./public-calls.ts";
import { isMisuse, leavesAlone, leavesOutside, refuses } from "./refusal.ts";
import { domainContent } from "./domain-content.ts";
import { domainPaths } from "./domain-paths.ts";
import { tornTails } from "./torn-tails.ts";
import { widerCalls } from "./wider-calls.ts";

const logCalls = publicCalls.filter(({ name }) => name === "JsonlLog.read" || name === "JsonlLog.rewrite");

export async function hostile(context: PartContext): Promise<void> {
  await usable(context, [...publicCalls, ...widerCalls]);
  await paths(context);
  await domainPaths(context);
  await documents(context);
  await logs(context);
  await domainContent(context);
  await values(context);
  await linearTime(context);
  await hostileIds(context);
  await twinIds(context);
  await lockFilesStay(context);
  await lockFilesReplaced(context);
  await nothingUnderLostLocks(context);
  await secretsStay(context);
  await valuesAreNotCommands(context);
  await tornTails(context);
  await terminal(context);
}

export async function paths(
  context: PartContext,
  chosen: readonly HostilePath[] = hostilePaths,
  calls: readonly PublicCall[] = [...publicCalls, ...widerCalls],
): Promise<void> {
  const { tally, say } = context;
  for (const hostilePath of chosen) {
    const concerned = calls.filter((each) => hostilePath.concerns(each));
    for (const kind of hostilePath.directories ?? ["own"])
      for (const call of concerned) {
        const what = `${hostilePath.name}${kind === "own" ? "" : `, in a directory ${kind}`}: ${call.name}`;
        const refusal = refusalOf(kind) ?? (await onPath(context, hostilePath, kind, call, what));
        if (refusal !== undefined) tally.skip(what, refusal);
      }
    say(hostilePath.name);
  }
}

/** What is refused below is refused for what was planted: without that, whoever uses such a place can. */
export async function usable({ tally }: PartContext, calls: readonly PublicCall[]): Promise<void> {
  for (const kind of placeKinds)
    for (const call of calls) {
      const what = `nothing is planted in a directory ${kind}: ${call.name}`;
      const refusal = refusalOf(kind);
      if (refusal !== undefined) tally.skip(what, refusal);
      else
        await withTemporaryDirectory(async (outside) => {
          const place = join(outside, "place");
          mkdirSync(place);
          openTo(kind, place);
          writeFileSync(join(place, "data"), usableContent);
          handOver(kind, place);
          await tally.check(what, () => asItsUser(kind, () => call.run(join(place, "data"))));
        });
    }
}

/** @returns why it cannot be had here, if so. */
async function onPath(
  { tally }: PartContext,
  hostilePath: HostilePath,
  kind: PlaceKind,
  call: PublicCall,
  what: string,
): Promise<string | undefined> {
  return await withTemporaryDirectory(async (outside) => {
    const place = join(outside, "place");
    const victim = join(outside, "victim");
    mkdirSync(place);
    openTo(kind, place);
    writeFileSync(victim, "must stay");
    const prepared = await hostilePath.prepare({ place, outside });
    if (typeof prepared === "string") return prepared;
    const { path, planted } = prepared;
    if (planted !== undefined) giveToStranger(planted, kind);
    handOver(kind, place);
    const run = (): unknown => asItsUser(kind, () => call.run(path as string));
    const accepts = typeof path === "string" && path.startsWith(outside) ? undefined : isMisuse;
    await tally.check(what, async () => {
      if (hostilePath.harmless === true) await leavesOutside(outside, "place", run);
      else await refuses(outside, run, accepts, "place");
      ok(rawLockIsFree(victim), "what lies outside was kept locked");
    });
    return undefined;
  });
}

export async function documents({ tally }: PartContext): Promise<void> {
  const calls = publicCalls.filter(({ kind }) => kind === "document");
  for (const { name, bytes } of refusedDocuments) {
    for (const call of calls) {
      await inDirectory(bytes, async (directory, path) => {
        const what = `a document that is ${name}: ${call.name}`;
        await tally.check(what, async () => {
          await refuses(directory, () => call.run(path));
          ok(!("polluted" in {}), "a prototype was changed");
        });
      });
    }
  }
  for (const { name, bytes } of keptDocuments) {
    await inDirectory(bytes, async (directory, path) => {
      await tally.check(`a document with ${name} is read, and no empty update changes it`, async () => {
        await leavesAlone(directory, () => jsonDocument(path).read());
        await leavesAlone(directory, () => updateJson(path, () => undefined));
        await leavesAlone(directory, () => jsonDocument(path).updateSync(() => undefined));
        ok(!("polluted" in {}), "a prototype was changed");
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
}

async function values({ tally }: PartContext): Promise<void> {
  for (const { name, make } of hostileValues) {
    await inDirectory(Buffer.from('{"a": 1}\n'), async (directory, path) => {
      await tally.check(`a document refuses ${name}`, () =>
        refuses(directory, () =>
          updateJson<Record<string, unknown>>(path, (draft) => void (draft["b"] = make())),
        ),
      );
      await tally.check(`a document refuses ${name} as its value`, () =>
        refuses(directory, () => jsonDocument(path).write(make())),
      );
      await tally.check(`a log refuses ${name}`, () =>
        refuses(directory, () => jsonlLog(path).append({ b: make() })),
      );
    });
  }
}

async function inDirectory(
  bytes: Uint8Array,
  work: (directory: string, path: string) => Promise<unknown>,
): Promise<void> {
  await withTemporaryDirectory(async (directory) => {
    const path = join(directory, "data");
    writeFileSync(path, bytes);
    await work(directory, path);
  });
}
