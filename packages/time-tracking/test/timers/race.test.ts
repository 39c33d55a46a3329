/** Sixteen real processes, four actors, each in a hurry: nobody's time is counted twice, and none is lost. */
import { expect, it } from "vitest";
import { openTimeTracking, type TimeEntry } from "../../src/index.ts";
import { findOverlaps } from "../../src/billing/verify.ts";
import { temporaryDirectory, Worker } from "../../../../toolchain/testing/surroundings.ts";

const fixture = new URL("../fixtures/racer.ts", import.meta.url);
const processes = 16;
const attempts = Number(process.env["FLOCKWORK_RACE_ATTEMPTS"] ?? 12);

it("P1, in a document and in a journal: 16 processes race for the timers of 4 actors: never two at once, every acknowledged entry is there", async () => {
  const directory = temporaryDirectory();
  const names = Array.from({ length: processes }, (_, at) => String(at));
  const workers = names.map((name) => new Worker(fixture, directory, String(attempts), name));
  const told: (readonly unknown[])[] = [];
  for (const worker of workers) {
    told.push(await worker.sent(2));
    expect(await worker.exit()).toBe(0);
  }
  for (const [at, mode] of (["document", "journal"] as const).entries())
    await check(
      directory,
      mode,
      told.map((messages) => messages[at] as Told),
    );
});

interface Told {
  readonly made: readonly TimeEntry[];
  readonly refusals: Readonly<Record<string, number>>;
}

async function check(directory: string, mode: "document" | "journal", told: readonly Told[]): Promise<void> {
  const time = openTimeTracking(directory, { mode });
  const entries = await time.entries();
  expect([...findOverlaps(entries)]).toEqual([]);
  const { running } = await time.status();
  expect(new Set(running.map(({ actorId }) => actorId)).size).toBe(running.length);
  for (const { actorId, startedAtMs } of running)
    expect(entries.filter((entry) => entry.actorId === actorId && entry.endedAtMs > startedAtMs)).toEqual([]);
  const acknowledged = told.flatMap(({ made }) => made);
  expect(entries.map(({ id }) => id).toSorted()).toEqual(acknowledged.map(({ id }) => id).toSorted());
  const codes = new Set(told.flatMap(({ refusals }) => Object.keys(refusals)));
  expect([...codes].toSorted()).toEqual(["ERR_TIMER_NOT_RUNNING", "ERR_TIMER_RUNNING"]);
  expect(acknowledged.length).toBeGreaterThan(processes);
  expect(await time.problems()).toEqual([]);
}
