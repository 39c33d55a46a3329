/** The five ways in which FlowForge's programs write time: read to the millisecond, and written back byte for byte. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openTimeTracking, type TimeEntry } from "../../src/index.ts";
import { FakeClock } from "../../../../toolchain/testing/fake-clock.ts";
import { temporaryDirectory } from "../../../../toolchain/testing/surroundings.ts";
import { found, type FoundVariant } from "./found-files.ts";

const variants = Object.keys(found) as FoundVariant[];

function open(text: string): { path: string; time: ReturnType<typeof openTimeTracking>; clock: FakeClock } {
  const directory = temporaryDirectory();
  const path = join(directory, ".flowforge/billing/time-tracking.json");
  mkdirSync(join(directory, ".flowforge/billing"), { recursive: true });
  writeFileSync(path, text);
  const clock = new FakeClock("test", Date.parse("2026-03-02T12:00:00.250Z"));
  return { path, clock, time: openTimeTracking(directory, { clock, timeZone: "Europe/Berlin" }) };
}

function essence({ taskId, actorId, startedAtMs, endedAtMs, workedMs, localDay }: TimeEntry): unknown {
  return [
    taskId,
    actorId,
    new Date(startedAtMs).toISOString(),
    new Date(endedAtMs).toISOString(),
    workedMs,
    localDay,
  ];
}

it.each(variants)("%s is read as whole milliseconds", async (variant) => {
  const { time } = open(found[variant].text);
  expect((await time.entries()).map(essence)).toEqual(found[variant].entries);
  expect(await time.problems()).toEqual(found[variant].problems ?? []);
});

it.each(variants)(
  "%s stays what it is: a timer started and stopped leaves every other byte as it was",
  async (variant) => {
    const { time, path, clock } = open(found[variant].text);
    const untouched = found[variant].untouched;
    for (const part of untouched) expect(found[variant].text).toContain(part);
    await time.start({ taskId: "900", actorId: "eve" });
    clock.pass(1_234_567);
    await time.stop({ actorId: "eve" });
    const text = readFileSync(path, "utf8");
    for (const part of untouched) expect(text).toContain(part);
    const made = (await time.entries({ actorId: "eve" })).map(essence);
    const day = "2026-03-02";
    expect(made).toEqual([
      ["900", "eve", "2026-03-02T12:00:00.250Z", "2026-03-02T12:20:34.817Z", 1_234_567, day],
    ]);
    for (const entry of found[variant].entries)
      expect((await time.entries()).map(essence)).toContainEqual(entry);
    const { flockwork: _, ...record } = found[variant].recordOf(JSON.parse(text) as never);
    expect(record).toEqual(found[variant].written);
  },
);

it.each(variants)("%s: removing what was added gives the bytes of before", async (variant) => {
  const { time, path } = open(found[variant].text);
  const [entry] = await time.entries();
  if (entry === undefined) throw new Error("the file has entries");
  const { entries } = await time.add({
    taskId: entry.taskId,
    actorId: "eve",
    startedAt: "2026-02-01T08:00:00.001Z",
    endedAt: "2026-02-01T08:00:59.999Z",
  });
  expect(readFileSync(path, "utf8")).not.toBe(found[variant].text);
  await time.remove(entries[0]?.id ?? "");
  const restored = JSON.parse(readFileSync(path, "utf8")) as never;
  expect(found[variant].withoutTotals(restored)).toEqual(
    found[variant].withoutTotals(JSON.parse(found[variant].text) as never),
  );
});

it.each(variants)("%s: unknown fields of a record survive an edit of it", async (variant) => {
  const { time, path } = open(found[variant].text);
  const entry = (await time.entries())[0];
  await time.edit(entry?.id ?? "", { note: "looked at", billable: false });
  expect(readFileSync(path, "utf8")).toContain('"custom": 9007199254740993');
  expect((await time.entries())[0]).toMatchObject({
    note: "looked at",
    billable: false,
    workedMs: entry?.workedMs,
  });
});

it.each(variants)("%s: a task may be called as what every object has", async (variant) => {
  const { time, clock } = open(found[variant].text);
  const before = (await time.entries()).length;
  for (const taskId of ["toString", "valueOf", "hasOwnProperty"]) {
    await time.start({ taskId, actorId: "eve" });
    clock.pass(1_234);
    await time.pause({ actorId: "eve" });
    await time.resume({ actorId: "eve" });
    clock.pass(777);
    await time.stop({ actorId: "eve" });
  }
  const made = await time.entries({ actorId: "eve" });
  expect(made.map(({ workedMs }) => workedMs)).toEqual([1_234, 777, 1_234, 777, 1_234, 777]);
  expect((await time.entries()).length).toBe(before + 6);
});

it("a running session of another program is a timer, and stopping it keeps what that program noted", async () => {
  const { time, path } = open(
    `{"142": {"status": "active", "current_session": {"start": "2026-03-02T11:00:00Z", "user": "ada", "instance_id": "i1", "branch": "x"}, "sessions": []}}`,
  );
  const { running } = await time.status();
  expect(running).toMatchObject([{ taskId: "142", actorId: "ada", instanceId: "i1", elapsedMs: 3_600_250 }]);
  await time.stop({ actorId: "ada" });
  const { "142": task } = JSON.parse(readFileSync(path, "utf8")) as Record<string, Record<string, unknown>>;
  expect(task).toMatchObject({
    status: "closed",
    current_session: null,
    sessions: [{ start: "2026-03-02T11:00:00Z", end: "2026-03-02T12:00:00Z", duration: 1, branch: "x" }],
    total_hours: 1,
    metrics: { total_hours: 1, session_count: 1, average_session: 1 },
  });
});

it("a task that another program paused can be resumed", async () => {
  const { time } = open(
    `{"7": {"status": "paused", "current_session": null, "sessions": [{"start": "2026-03-02T09:00:00Z", "end": "2026-03-02T10:00:00Z", "user": "ada", "instance_id": "i", "duration": 1, "reason": "Lunch"}]}}`,
  );
  expect((await time.status()).paused).toMatchObject([{ taskId: "7", actorId: "ada", reason: "Lunch" }]);
  await time.resume({ actorId: "ada" });
  expect((await time.status()).running).toMatchObject([{ taskId: "7" }]);
});

it("what is no file of time is refused and left as it is", async () => {
  for (const text of [
    "# Tasks\n- [ ] 1",
    "[1]",
    '{"142": "two hours"}',
    '{"sessions": {"1": {"total": 3}}}',
  ]) {
    const { time, path } = open(text);
    await expect(time.start({ taskId: "1", actorId: "ada" })).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_(TIME_FORMAT|DOCUMENT_CORRUPT)$/) as unknown,
    });
    expect(readFileSync(path, "utf8")).toBe(text);
  }
});

it("a file edited by another program is believed, not what stood beside the old values", async () => {
  const { time, path } = open("{}");
  await time.add({
    taskId: "1",
    actorId: "ada",
    startedAt: "2026-03-01T09:00:00.500Z",
    endedAt: "2026-03-01T10:00:00.700Z",
  });
  writeFileSync(
    path,
    readFileSync(path, "utf8")
      .replace("2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z")
      .replace('"duration": 1', '"duration": 2'),
  );
  expect((await time.entries())[0]).toMatchObject({
    workedMs: 7_200_000,
    endedAtMs: Date.parse("2026-03-01T11:00:00Z"),
  });
});
