/** Random operations on every kind of book: what a simple model says must be what is there, and nothing may overlap. */
import { memoryStore } from "@flockwork/core";
import { expect, it } from "vitest";
import { openTimeTracking, reportOf, type TimeEntry, type TimeTracking } from "../../src/index.ts";
import { FakeClock } from "../../../../toolchain/testing/fake-clock.ts";
import { fc } from "../support/property.ts";

const books = ["hours", "hours-unix", "seconds", "minutes", "milliseconds", "journal"] as const;
const zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"];
const actors = ["ada", "bob"];

const step = fc.record({
  act: fc.constantFrom("start", "stop", "pause", "resume", "switch", "idle", "add", "edit", "remove", "undo"),
  actorId: fc.constantFrom(...actors),
  taskId: fc.constantFrom("1", "2", "7"),
  passMs: fc.integer({ min: 0, max: 5 * 3_600_000 }),
  jumpMs: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.integer({ min: -7_200_000, max: 7_200_000 })),
  pick: fc.nat(50),
  timeZone: fc.constantFrom(...zones),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function perform(time: TimeTracking, clock: FakeClock, each: Step): Promise<string> {
  const { act, actorId, taskId, pick, timeZone } = each;
  const entries = await time.entries({ actorId });
  const chosen = entries[pick % Math.max(1, entries.length)];
  const nowMs = clock.now();
  try {
    if (act === "start" || act === "switch") await time[act]({ taskId, actorId, timeZone });
    else if (act === "idle") await time.idle({ actorId, since: nowMs - 60_000, action: "split" });
    else if (act === "add")
      await time.add({
        taskId,
        actorId,
        timeZone,
        startedAt: nowMs - 9_000_000 - pick,
        endedAt: nowMs - 6_000_000,
      });
    else if (act === "edit")
      await time.edit(chosen?.id ?? "none", { startedAt: (chosen?.startedAtMs ?? nowMs) - 1_000 * pick });
    else if (act === "remove") await time.remove(chosen?.id ?? "none");
    else if (act === "undo") await time.undo({ actorId });
    else await time[act]({ actorId });
    return "done";
  } catch (error) {
    const { code } = error as { code?: string };
    if (code?.startsWith("ERR_TIME") !== true) throw error;
    return code;
  }
}

/** What an entry is, whatever book it lies in: ids are given in one order everywhere. */
function essence(entries: readonly TimeEntry[]): unknown {
  return entries.map(
    ({ id, taskId, actorId, startedAtMs, endedAtMs, workedMs, localDay, timeZone, billable, reason }) => [
      id,
      taskId,
      actorId,
      startedAtMs,
      endedAtMs,
      workedMs,
      localDay,
      timeZone,
      billable,
      reason,
    ],
  );
}

it("P1, P8: every book tells the same story, nothing overlaps, durations are conserved", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const stories: unknown[] = [];
      for (const book of books) {
        const clock = new FakeClock("test", Date.parse("2026-03-28T20:00:00Z"));
        let count = 0;
        const options = book === "journal" ? { mode: "journal" as const } : { variant: book };
        const time = openTimeTracking(memoryStore(), {
          ...options,
          clock,
          timeZone: "UTC",
          newId: () => `n${(count += 1)}`,
        });
        const told: string[] = [];
        for (const each of steps) {
          clock.pass(each.passMs);
          clock.jump(each.jumpMs);
          told.push(await perform(time, clock, each));
        }
        const entries = await time.entries();
        expect((await time.billing.verify()).findings).toEqual([]);
        for (const { startedAtMs, endedAtMs, workedMs } of entries)
          expect(workedMs).toBe(endedAtMs - startedAtMs);
        const { running, paused } = await time.status();
        expect(new Set(running.map(({ actorId }) => actorId)).size).toBe(running.length);
        const days = reportOf(entries, { by: ["actor", "day"] });
        const sum = entries.reduce((total, { workedMs }) => total + workedMs, 0);
        expect([days.total.sumMs, days.rows.reduce((total, row) => total + row.sumMs, 0)]).toEqual([
          sum,
          sum,
        ]);
        const timers = [...running, ...paused].map(({ id, taskId, actorId, startedAtMs, state }) =>
          [id, taskId, actorId, startedAtMs, state].join(),
        );
        stories.push([told, essence(entries), timers.toSorted()]);
      }
      for (const story of stories) expect(story).toEqual(stories[0]);
    }),
    { numRuns: 40 },
  );
});
