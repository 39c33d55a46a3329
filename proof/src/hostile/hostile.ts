/** P10, P11: hostile input gives a typed error in time, changes nothing on disk, and never a prototype. */
import { ok } from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StoreError } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { rawLockIsFree } from "../harness/raw-lock.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
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
import { lockFilesReplaced, lockFilesStay, nothingUnderLostLocks } from "./lock-files.ts";
import { secretsStay, valuesAreNotCommands } from "./secrets.ts";
import { linearTime } from "./linear-time.ts";
import { terminal } from "./terminal.ts";
import { twinIds } from "./twin-ids.ts";
import { documents, logs } from "./documents-and-logs.ts";
import { everyCall } from "./every-call.ts";
import type { PublicCall } from "./public-calls.ts";
import { isMisuse, isOfTheSystem, leavesOutside, refuses } from "./refusal.ts";
import { domainContent } from "./domain-content.ts";
import { domainPaths } from "./domain-paths.ts";
import { tornTails } from "./torn-tails.ts";
import { values } from "./written-values.ts";

export async function hostile(context: PartContext): Promise<void> {
  await usable(context, everyCall);
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
  calls: readonly PublicCall[] = everyCall,
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
    const isPath = typeof path === "string" && path.startsWith(outside);
    const accepts = (error: unknown): boolean =>
      (isPath ? error instanceof StoreError : isMisuse(error)) ||
      (call.asTheSystem === true && isOfTheSystem(error));
    const passes = hostilePath.harmless === true || (isPath && call.passesOver?.(hostilePath.name) === true);
    await tally.check(what, async () => {
      if (passes) await leavesOutside(outside, "place", run, accepts);
      else await refuses(outside, run, accepts, "place");
      ok(rawLockIsFree(victim), "what lies outside was kept locked");
    });
    return undefined;
  });
}
