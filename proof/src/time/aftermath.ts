/** What must be true of timers, sessions and claims after a crash, whatever was being done to them. */
import { deepEqual, ok } from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ageEmptyLocks } from "../crash/domains/age-empty-locks.ts";
import { openProject } from "./project.ts";

interface Left {
  readonly sessions: number;
  readonly timers: number;
  readonly entries: number;
  readonly claims: number;
  readonly archived: number;
}

const nothing: Left = { sessions: 0, timers: 0, entries: 0, claims: 0, archived: 0 };
const atWork: Left = { ...nothing, sessions: 1, timers: 1, claims: 1 };
/** What there is before and after. */
const outcomes: Readonly<Record<string, readonly [Left, Left]>> = {
  start: [nothing, { ...nothing, timers: 1 }],
  stop: [
    { ...nothing, timers: 1 },
    { ...nothing, entries: 1 },
  ],
  "death of a session": [atWork, { ...nothing, entries: 1, archived: 1 }],
  // Its sessions end in the commit that ends the agent; the next sweep archives them.
  "eviction of an agent": [atWork, { ...nothing, entries: 1 }],
};

/** Whether all of it has happened. @throws {Error} a part of it has, or it cannot go on. */
export async function verifyAftermath(what: string, directory: string): Promise<boolean> {
  const [before, after] = outcomes[what.replace(" in a journal", "")] ?? [nothing, nothing];
  const mode = what.endsWith("in a journal") ? "journal" : "document";
  ageEmptyLocks(join(directory, ".flowforge"));
  const { time, sessions, claims } = openProject(directory, mode);
  // The next taker of the locks finishes what was committed, and only that.
  await time.submit({ what: "look", run: () => undefined });
  const { running, paused } = await time.status();
  const timers = [...running, ...paused].filter(({ actorId }) => actorId === "ada");
  const left: Left = {
    sessions: (await sessions.list()).length,
    timers: timers.length,
    entries: (await time.entries({ actorId: "ada" })).length,
    claims: Object.keys((await claims.read()).by).length,
    archived: archivedIn(directory),
  };
  const isDone = JSON.stringify(left) === JSON.stringify(after);
  if (!isDone) deepEqual(left, before);
  deepEqual((await time.billing.verify()).findings, []);
  deepEqual(await time.problems(), []);
  await goOn(directory, mode);
  await time.store.close();
  return isDone;
}

/** The next one finds nothing in the way. */
async function goOn(directory: string, mode: "document" | "journal"): Promise<void> {
  const { time, sessions, claims } = openProject(directory, mode);
  await sessions.sweep();
  deepEqual([await sessions.list(), (await claims.read()).by], [[], {}]);
  const { timer } = await time.switch({ taskId: "143", actorId: "ada" });
  ok(timer !== undefined);
  await time.stop({ actorId: "ada" });
  deepEqual((await time.billing.verify()).findings, []);
  deepEqual(
    (await time.status()).running.map(({ actorId }) => actorId),
    ["bob"],
  );
}

function archivedIn(directory: string): number {
  const archive = join(directory, ".flowforge/sessions/archive");
  if (!existsSync(archive)) return 0;
  const found = readdirSync(archive, { recursive: true, withFileTypes: true });
  return found.filter((each) => each.isFile() && /^session-.*\.json$/.test(each.name)).length;
}
