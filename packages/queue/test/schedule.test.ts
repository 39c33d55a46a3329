import { describe, expect, test } from "vitest";
import { Cron } from "../src/cron.ts";
import { ManualClock } from "./support/manual-clock.ts";
import { openTestQueue, temporaryStore } from "./support/queue-directory.ts";

const next = (cron: string, after: string, zone?: string): string =>
  new Date(new Cron(cron, zone).next(Date.parse(after)) ?? Number.NaN).toISOString();

describe("cron", () => {
  test.each([
    ["* * * * *", "2026-05-01T12:00:00Z", "2026-05-01T12:01:00.000Z"],
    ["*/15 9-17 * * mon-fri", "2026-05-01T17:50:00Z", "2026-05-04T09:00:00.000Z"],
    ["30 4 1,15 * 5", "2026-05-02T00:00:00Z", "2026-05-08T04:30:00.000Z"],
    ["0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["5/20 * * * *", "2026-05-01T12:06:00Z", "2026-05-01T12:25:00.000Z"],
    ["0 0 * jan 7", "2026-05-01T12:00:00Z", "2027-01-03T00:00:00.000Z"],
  ])("%s after %s is due at %s", (cron, after, due) => {
    expect(next(cron, after)).toBe(due);
  });

  test("a time zone's clock changes neither lose nor repeat an instant", () => {
    const zone = "Europe/Berlin";
    expect(next("30 2 * * *", "2026-03-28T12:00:00Z", zone)).toBe("2026-03-29T01:30:00.000Z"); // skipped: as much later
    expect(next("30 2 * * *", "2026-10-25T00:00:00Z", zone)).toBe("2026-10-25T00:30:00.000Z"); // twice: once
    expect(next("30 2 * * *", "2026-10-25T00:30:00Z", zone)).toBe("2026-10-26T01:30:00.000Z");
  });

  test("at the end of all dates nothing is due any more, in no time zone", () => {
    for (const zone of ["UTC", "Europe/Berlin", "America/New_York"])
      expect(new Cron("30 * * * *", zone).next(8.64e15)).toBeUndefined();
  });

  test.each([
    "* * * *",
    "60 * * * *",
    "* * 0 * *",
    "*/0 * * * *",
    "a * * * *",
    "5-1 * * * *",
    "1-2-3 * * * *",
  ])("%s is refused", (cron) => {
    expect(() => new Cron(cron)).toThrow(RangeError);
  });

  test("a date that never comes is refused, as is an unknown time zone", async () => {
    const { store } = temporaryStore();
    const queue = openTestQueue(store);
    await expect(queue.schedule({ name: "x", cron: "0 0 31 2 *", payload: 1 })).rejects.toThrow(/never due/);
    await expect(
      queue.schedule({ name: "x", cron: "* * * * *", timeZone: "Mars/Base", payload: 1 }),
    ).rejects.toThrow(RangeError);
  });
});

function open() {
  const { store } = temporaryStore();
  const clock = new ManualClock();
  return {
    clock,
    one: openTestQueue<string>(store, { clock }),
    two: openTestQueue<string>(store, { clock }),
  };
}

test("a schedule fires once for each instant, whoever ticks", async () => {
  const { one, two, clock } = open();
  await one.schedule({ name: "each", cron: "*/5 * * * *", payload: "tick", priority: 2 });
  await Promise.all([one.tick(), two.tick()]);
  expect((await one.stats()).waiting).toBe(0);
  for (const _ of [1, 2]) {
    clock.pass(5 * 60_000);
    await Promise.all([one.tick(), two.tick(), one.tick()]);
  }
  expect(
    (await two.list("waiting")).map(({ id, schedule, priority }) => [id, schedule?.slot, priority]),
  ).toEqual([
    ["each@2026-05-01T12:05:00.000Z", "2026-05-01T12:05:00.000Z", 2],
    ["each@2026-05-01T12:10:00.000Z", "2026-05-01T12:10:00.000Z", 2],
  ]);
  await two.unschedule("each");
  clock.pass(5 * 60_000);
  await one.tick();
  expect((await one.stats()).waiting).toBe(2);
});

test("instants that nobody was there for are made up for only as far as the schedule says", async () => {
  const { one, clock } = open();
  await one.schedule({ name: "none", cron: "0 * * * *", payload: "x" });
  await one.schedule({ name: "two", cron: "0 * * * *", payload: "x", backfill: 2 });
  clock.pass(5 * 3_600_000 + 120_000);
  await one.tick();
  expect((await one.list("waiting")).map(({ id }) => id)).toEqual([
    "two@2026-05-01T16:00:00.000Z",
    "two@2026-05-01T17:00:00.000Z",
  ]);
  clock.pass(3_600_000 - 120_000);
  await one.tick();
  expect((await one.list("waiting")).map(({ schedule }) => schedule?.name)).toEqual([
    "two",
    "two",
    "none",
    "two",
  ]);
});

test("an instant stays fired when its job is done and compacted away", async () => {
  const { store } = temporaryStore();
  const clock = new ManualClock();
  const queue = openTestQueue<string>(store, { clock, retention: { completed: 0 } });
  await queue.schedule({ name: "each", cron: "*/5 * * * *", payload: "tick" });
  clock.pass(5 * 60_000);
  await queue.tick();
  await (await queue.claim())[0]?.complete();
  await queue.compact();
  await queue.tick();
  expect((await queue.stats()).waiting).toBe(0);
});

test("workers fire schedules by themselves", async () => {
  const { store } = temporaryStore();
  const clock = new ManualClock();
  const queue = openTestQueue<string, string>(store, { clock });
  await queue.schedule({ name: "each", cron: "*/5 * * * *", payload: "tick" });
  const ran = Promise.withResolvers<string>();
  queue.worker(
    ({ id }) => {
      ran.resolve(id);
      return id;
    },
    { pollMs: 20 },
  );
  clock.pass(5 * 60_000);
  expect(await ran.promise).toBe("each@2026-05-01T12:05:00.000Z");
});
