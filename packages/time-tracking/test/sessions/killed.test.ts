/** Killed at its calls, one after the other: sessions, timers, claims and the archive agree for whoever comes next. */
import { existsSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openProject } from "../support/project.ts";
import { temporaryDirectory, Worker } from "../../../../toolchain/testing/surroundings.ts";

const fixture = new URL("../fixtures/killed-worker.ts", import.meta.url);
/** Kills for each act; `FLOCKWORK_EVERY_KILL=1`: at every call, and the eviction of a registry, too. */
const few = 5;
const isLong = process.env["FLOCKWORK_EVERY_KILL"] === "1";

interface Left {
  readonly sessions: number;
  readonly timers: number;
  readonly entries: number;
  readonly claims: number;
  readonly archived: number;
}

/** What may be left of each act: nothing of it, or all. */
const outcomes: Readonly<Record<string, readonly Left[]>> = {
  start: [
    { sessions: 0, timers: 0, entries: 0, claims: 0, archived: 0 },
    { sessions: 0, timers: 1, entries: 0, claims: 0, archived: 0 },
  ],
  stop: [
    { sessions: 0, timers: 1, entries: 0, claims: 0, archived: 0 },
    { sessions: 0, timers: 0, entries: 1, claims: 0, archived: 0 },
  ],
  open: [
    { sessions: 0, timers: 0, entries: 0, claims: 0, archived: 0 },
    { sessions: 1, timers: 1, entries: 0, claims: 0, archived: 0 },
  ],
  // The registry's hook: the archive is the next sweep's.
  evict: [
    { sessions: 1, timers: 1, entries: 0, claims: 1, archived: 0 },
    { sessions: 0, timers: 0, entries: 1, claims: 0, archived: 0 },
  ],
  close: [
    { sessions: 1, timers: 1, entries: 0, claims: 1, archived: 0 },
    { sessions: 0, timers: 0, entries: 1, claims: 0, archived: 1 },
  ],
};

async function run(act: string, nth: number, when: string): Promise<{ directory: string; calls: number }> {
  const directory = temporaryDirectory();
  const worker = new Worker(fixture, directory, act, `${nth}`, when);
  const exit = await worker.exit();
  expect([0, "SIGKILL"]).toContain(exit);
  return { directory, calls: Number(worker.messages[0] ?? 0) };
}

/** As if a minute had passed: a lock directory that names no holder yet is broken by age only. */
function age(directory: string): void {
  const all = readdirSync(join(directory, ".flowforge"), { recursive: true, withFileTypes: true });
  const longAgo = new Date(Date.now() - 600_000);
  for (const each of all)
    if (each.isDirectory() && each.name.endsWith(".lock"))
      utimesSync(join(each.parentPath, each.name), longAgo, longAgo);
}

async function look(directory: string): Promise<Left> {
  age(directory);
  const { time, sessions, claims } = openProject(directory);
  // The next taker of a lock finishes what was committed, and only that.
  await time.submit({ what: "look", run: () => undefined });
  const { running, paused } = await time.status();
  const archive = join(directory, ".flowforge/sessions/archive");
  const found = existsSync(archive) ? readdirSync(archive, { recursive: true, withFileTypes: true }) : [];
  const archived = found.filter((each) => each.isFile() && /^session-.*\.json$/.test(each.name));
  expect((await time.billing.verify()).findings).toEqual([]);
  return {
    sessions: (await sessions.list()).length,
    timers: running.length + paused.length,
    entries: (await time.entries()).length,
    claims: Object.keys((await claims.read()).by).length,
    archived: archived.length,
  };
}

it("P2: a sweep alone brings a close to its end that was killed while it was applied", async () => {
  const { calls } = await run("close", 0, "never");
  for (const fromTheEnd of [12, 15, 18]) {
    const { directory } = await run("close", calls - fromTheEnd, "after");
    age(directory);
    await openProject(directory).sessions.sweep();
    const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
    const undone = names.filter((name) => name.endsWith(".intent"));
    expect(undone).toEqual([]);
    expect(await look(directory), `killed ${fromTheEnd} calls before its end`).toEqual(
      outcomes["close"]?.[1],
    );
  }
});

it.each(Object.keys(outcomes).filter((act) => isLong || act !== "evict"))(
  "P2, P3, P6: killed in the middle of %s, all of it has happened, or nothing",
  async (act) => {
    const whole = await run(act, 0, "never");
    expect(whole.calls).toBeGreaterThan(5);
    const step = isLong ? 1 : Math.ceil(whole.calls / few);
    const points = Array.from({ length: Math.floor(whole.calls / step) }, (_, at) => (at + 1) * step);
    const seen = new Set<number>();
    for (const [at, nth] of points.entries())
      for (const when of isLong ? ["before", "after"] : [at % 2 === 0 ? "before" : "after"]) {
        const { directory } = await run(act, nth, when);
        const left = await look(directory);
        expect(outcomes[act], `killed ${when} call ${nth} of ${whole.calls}`).toContainEqual(left);
        seen.add(outcomes[act]?.findIndex((each) => JSON.stringify(each) === JSON.stringify(left)) ?? -1);
        const next = openProject(directory);
        await next.sessions.sweep();
        expect([await next.sessions.list(), (await next.claims.read()).by]).toEqual([[], {}]);
      }
    expect([...seen].toSorted((one, other) => one - other)).toEqual([0, 1]);
  },
  isLong ? 3_600_000 : undefined,
);
