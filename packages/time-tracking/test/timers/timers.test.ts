import { identifyProcess, memoryStore } from "@flockwork/core";
import { beforeEach, describe, expect, it } from "vitest";
import { openTimeTracking, type TimeEntry, type TimeTracking } from "../../src/index.ts";
import { FakeClock } from "../../../../toolchain/testing/fake-clock.ts";

const minute = 60_000;
let clock = new FakeClock();
let time: TimeTracking;
beforeEach(() => {
  clock = new FakeClock("test", Date.parse("2026-03-02T09:00:00Z"));
  time = open();
});

function open(options: Parameters<typeof openTimeTracking>[1] = {}): TimeTracking {
  return openTimeTracking(memoryStore(), { clock, timeZone: "Europe/Berlin", ...options });
}

function brief(entries: readonly TimeEntry[]): unknown {
  return entries.map(({ taskId, workedMs }) => [taskId, workedMs / minute]);
}

const code = (expected: string): object => ({ code: expected });

describe.each(["document", "journal"] as const)("in a %s", (mode) => {
  beforeEach(() => {
    time = open({ mode });
  });

  it("start, pause, resume, switch and stop add up", async () => {
    await time.start({ taskId: "1", actorId: "ada", note: "first" });
    clock.pass(10 * minute);
    await time.pause({ actorId: "ada", reason: "Lunch" });
    clock.pass(30 * minute);
    await time.resume({ actorId: "ada" });
    clock.pass(5 * minute);
    await time.switch({ taskId: "2", actorId: "ada" });
    clock.pass(7 * minute);
    const { entries, timer } = await time.stop({ actorId: "ada" });
    expect([brief(entries), timer]).toEqual([[["2", 7]], undefined]);
    const all = await time.entries();
    expect(brief(all)).toEqual([
      ["1", 10],
      ["1", 5],
      ["2", 7],
    ]);
    expect(all[0]).toMatchObject({
      reason: "Lunch",
      note: "first",
      timeZone: "Europe/Berlin",
      localDay: "2026-03-02",
    });
    expect(all[1]?.endedAtMs).toBe(all[2]?.startedAtMs);
  });

  it("a timer that goes on in a program that dies is recovered, as one that was started in it", async () => {
    const process = { ...identifyProcess(), startTicks: "1", bootId: "of last year" };
    await time.start({ taskId: "1", actorId: "ada", process });
    clock.pass(minute);
    await time.pause({ actorId: "ada" });
    await time.resume({ actorId: "ada" });
    expect(await time.recover()).toEqual([]);
    await time.pause({ actorId: "ada" });
    await time.resume({ actorId: "ada", process });
    expect(await time.recover()).toMatchObject([{ why: "boot-changed", timer: { taskId: "1" } }]);
    expect((await time.status()).running).toEqual([]);
  });

  it("undo takes back one operation after the other, and stops where somebody changed what it did", async () => {
    await time.start({ taskId: "1", actorId: "ada" });
    clock.pass(minute);
    await time.switch({ taskId: "2", actorId: "ada" });
    clock.pass(minute);
    const { entries } = await time.stop({ actorId: "ada" });
    await time.undo({ actorId: "ada" });
    expect((await time.status()).running).toMatchObject([{ taskId: "2", elapsedMs: minute }]);
    await time.undo({ actorId: "ada" });
    expect((await time.status()).running).toMatchObject([{ taskId: "1", elapsedMs: 2 * minute }]);
    await time.undo({ actorId: "ada" });
    expect([(await time.status()).running, await time.entries()]).toEqual([[], []]);
    await expect(time.undo({ actorId: "ada" })).rejects.toMatchObject(code("ERR_TIME_CONFLICT"));
    expect(entries).toHaveLength(1);
  });

  it("what overlaps is refused; what only touches is not", async () => {
    const at = (text: string): string => `2026-03-01T${text}:00Z`;
    await time.add({ taskId: "1", actorId: "ada", startedAt: at("09:00"), endedAt: at("10:00") });
    await time.add({ taskId: "2", actorId: "ada", startedAt: at("10:00"), endedAt: at("11:00") });
    await time.add({ taskId: "1", actorId: "bob", startedAt: at("09:30"), endedAt: at("10:30") });
    const clash = {
      taskId: "3",
      actorId: "ada",
      startedAt: "2026-03-01T10:59:59.999Z",
      endedAt: at("12:00"),
    };
    await expect(time.add(clash)).rejects.toMatchObject(code("ERR_TIME_OVERLAP"));
    const [first] = await time.entries({ actorId: "ada" });
    await expect(time.edit(first?.id ?? "", { endedAt: at("10:01") })).rejects.toMatchObject(
      code("ERR_TIME_OVERLAP"),
    );
    await time.start({ taskId: "9", actorId: "ada" });
    const future = {
      taskId: "9",
      actorId: "ada",
      startedAt: clock.now() + minute,
      endedAt: clock.now() + 2 * minute,
    };
    await expect(time.add(future)).rejects.toMatchObject(code("ERR_TIME_OVERLAP"));
    expect(await time.entries()).toHaveLength(3);
  });

  it("a human's agents may work at once as many as the policy says", async () => {
    time = open({ mode, maxPerOwner: 2 });
    await time.start({ taskId: "1", actorId: "a1", ownerId: "ada" });
    await time.start({ taskId: "2", actorId: "a2", ownerId: "ada" });
    await expect(time.start({ taskId: "3", actorId: "a3", ownerId: "ada" })).rejects.toMatchObject(
      code("ERR_TIME_OVERLAP"),
    );
    await time.start({ taskId: "3", actorId: "b1", ownerId: "bob" });
    clock.pass(minute);
    await time.stop({ actorId: "a1" });
    await time.start({ taskId: "3", actorId: "a3", ownerId: "ada" });
    const past = {
      taskId: "4",
      actorId: "a4",
      ownerId: "ada",
      startedAt: clock.now() - minute,
      endedAt: clock.now(),
    };
    await expect(time.add(past)).rejects.toMatchObject(code("ERR_TIME_OVERLAP"));
  });

  it("twenty at once in one process: one wins for each actor, the others are told", async () => {
    const starts = Array.from({ length: 20 }, (_, at) =>
      time.start({ taskId: String(at), actorId: `actor${at % 4}` }),
    );
    const outcomes = await Promise.allSettled(starts);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(4);
    expect((await time.status()).running).toHaveLength(4);
  });
});

it("undo refuses where a program without a history changed what is to be undone", async () => {
  const store = memoryStore();
  const [known, other] = [true, false].map((history) =>
    openTimeTracking(store, { clock, timeZone: "UTC", history }),
  );
  const { entries } =
    (await known?.add({ taskId: "3", actorId: "ada", startedAt: 1e12, endedAt: 1e12 + minute })) ?? {};
  await other?.edit(entries?.[0]?.id ?? "", { note: "changed" });
  await expect(known?.undo()).rejects.toMatchObject(code("ERR_TIME_CONFLICT"));
  await expect(other?.undo()).rejects.toMatchObject(code("ERR_TIME_CONFLICT"));
  expect(await known?.entries()).toMatchObject([{ note: "changed" }]);
});

it("P8: a clock that jumps makes no duration wrong, and none negative", async () => {
  for (const jump of [-10 * 365 * 86_400_000, -3_600_000, 3_600_000, 10 * 365 * 86_400_000]) {
    time = open();
    await time.start({ taskId: "1", actorId: "ada" });
    clock.pass(20 * minute);
    clock.jump(jump);
    const { entries } = await time.stop({ actorId: "ada" });
    expect(entries[0]?.workedMs).toBe(20 * minute);
    clock.jump(-jump);
  }
});

it("P8: after a clock went back, the next timer begins where the last one ended, and counts right", async () => {
  await time.start({ taskId: "1", actorId: "ada" });
  clock.pass(20 * minute);
  await time.stop({ actorId: "ada" });
  clock.jump(-60 * minute);
  await time.start({ taskId: "2", actorId: "ada" });
  clock.pass(5 * minute);
  await time.stop({ actorId: "ada" });
  const [first, second] = await time.entries();
  expect(second).toMatchObject({ startedAtMs: first?.endedAtMs, workedMs: 5 * minute });
  expect((await time.billing.verify()).findings).toEqual([]);
});

it("idle time is discarded, kept, or split off as not billable", async () => {
  for (const [action, worked] of [
    [
      "discard",
      [
        ["1", 10],
        ["1", 5],
      ],
    ],
    ["keep", [["1", 25]]],
    [
      "split",
      [
        ["1", 10],
        ["1", 10],
        ["1", 5],
      ],
    ],
  ] as const) {
    time = open();
    await time.start({ taskId: "1", actorId: "ada" });
    clock.pass(10 * minute);
    const since = clock.now();
    clock.pass(10 * minute);
    await time.idle({ actorId: "ada", since, action });
    clock.pass(5 * minute);
    await time.stop({ actorId: "ada" });
    const entries = await time.entries();
    expect(brief(entries)).toEqual(worked);
    if (action === "split")
      expect(entries[1]).toMatchObject({ billable: false, source: "idle", nonBillableReason: "Idle" });
  }
});

it("idle time since before the start leaves no entry of nothing", async () => {
  await time.start({ taskId: "1", actorId: "ada" });
  const since = clock.now() - minute;
  clock.pass(10 * minute);
  expect((await time.idle({ actorId: "ada", since, action: "split" })).entries).toHaveLength(1);
  expect((await time.idle({ actorId: "ada", since: clock.now(), action: "split" })).entries).toEqual([]);
  clock.pass(5 * minute);
  await time.stop({ actorId: "ada" });
  expect(brief(await time.entries())).toEqual([
    ["1", 10],
    ["1", 5],
  ]);
});

it("a timer of a process that is gone ends at its last heartbeat, and awaits confirmation", async () => {
  const process = { ...identifyProcess(), startTicks: "1", bootId: "of last year" };
  await time.start({ taskId: "1", actorId: "ada", process });
  await time.start({ taskId: "2", actorId: "bob", process: identifyProcess() });
  await time.start({ taskId: "3", actorId: "cy", leaseMs: 5 * minute });
  clock.pass(3 * minute);
  await time.heartbeat({ actorId: "ada" });
  await time.heartbeat({ actorId: "cy" });
  clock.pass(5 * minute);
  expect((await time.recover()).map(({ why }) => why)).toEqual(["boot-changed"]);
  clock.pass(1);
  expect((await time.recover()).map(({ why }) => why)).toEqual(["silent"]);
  expect(await time.recover()).toEqual([]);
  const { running, recovered } = await time.status();
  expect([running.map(({ actorId }) => actorId), brief(recovered)]).toEqual([
    ["bob"],
    [
      ["1", 3],
      ["3", 3],
    ],
  ]);
  await expect(time.heartbeat({ actorId: "ada" })).rejects.toMatchObject(code("ERR_TIMER_NOT_RUNNING"));
  const id = recovered[0]?.id ?? "";
  await time.confirm(id, { endedAt: clock.now() - 2 * minute });
  expect((await time.entries({ actorId: "ada" }))[0]).toMatchObject({ workedMs: 6 * minute + 1 });
  await expect(time.confirm(id)).rejects.toMatchObject(code("ERR_TIME_CONFLICT"));
});

it("instances are kept apart: a start pauses only the timer of its own instance", async () => {
  await time.start({ taskId: "1", actorId: "ada", instanceId: "i1" });
  const other = { taskId: "2", actorId: "ada", instanceId: "i2", whileRunning: "pause" } as const;
  await expect(time.start(other)).rejects.toMatchObject(code("ERR_TIMER_RUNNING"));
  await expect(time.stop({ actorId: "ada", instanceId: "i2" })).rejects.toMatchObject(
    code("ERR_TIMER_OWNER"),
  );
  clock.pass(minute);
  await time.start({ ...other, instanceId: "i1" });
  expect((await time.status()).paused).toMatchObject([{ taskId: "1", reason: "Switched to 2" }]);
});

it("misuse is named", async () => {
  await expect(time.start({ taskId: "__proto__", actorId: "ada" })).rejects.toThrow(
    "taskId cannot be __proto__",
  );
  await expect(time.start({ taskId: "1", actorId: "ada", startedAt: clock.now() + 1 })).rejects.toThrow(
    "startedAt",
  );
  await expect(
    time.add({ taskId: "1", actorId: "a", startedAt: "2026-03-01T09:00:00", endedAt: 0 }),
  ).rejects.toThrow("zone");
  const reversed = { taskId: "1", actorId: "a", startedAt: clock.now(), endedAt: clock.now() - 1 };
  await expect(time.add(reversed)).rejects.toThrow("endedAt must not lie before startedAt");
  await expect(time.remove("nothing")).rejects.toMatchObject(code("ERR_TIME_NOT_FOUND"));
  await expect(time.resume({ actorId: "ada" })).rejects.toMatchObject(code("ERR_TIMER_NOT_RUNNING"));
});

it("a heartbeat that comes while a recovery waits keeps its timer", async () => {
  const store = memoryStore();
  const [one, other] = [
    openTimeTracking(store, { clock, timeZone: "UTC" }),
    openTimeTracking(store, { clock, timeZone: "UTC" }),
  ];
  await one.start({ taskId: "1", actorId: "ada", leaseMs: minute });
  clock.pass(2 * minute);
  const lock = store.lock(".flowforge/billing/time-tracking.json", { layout: "flowforge" });
  const hold = await lock.acquire("exclusive");
  const recovering = other.recover();
  while ((await lock.inspect()).waiting === 0) await Promise.resolve();
  await one.heartbeat({ actorId: "ada" });
  await hold.release();
  expect(await recovering).toEqual([]);
  expect((await one.status()).running).toHaveLength(1);
});
