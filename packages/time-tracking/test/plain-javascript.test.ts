/** What plain JavaScript hands in, past the types: refused before anything is written. */
import { identifyProcess, memoryStore } from "@flockwork/core";
import { beforeEach, expect, it } from "vitest";
import { migrate, openSessions, openTimeTracking, type TimeTracking } from "../src/index.ts";
import { FakeClock } from "../../../toolchain/testing/fake-clock.ts";
import { temporaryDirectory } from "../../../toolchain/testing/surroundings.ts";

const work = { taskId: "1", actorId: "ada" };
const anHour = { ...work, startedAt: "2026-01-01T09:00:00Z", endedAt: "2026-01-01T10:00:00Z" };
let time: TimeTracking;
beforeEach(() => {
  const clock = new FakeClock("test", Date.parse("2026-03-02T09:00:00Z"));
  time = openTimeTracking(memoryStore(), { clock, timeZone: "UTC" });
});

it("a dryRun that is no boolean neither bills nor migrates", async () => {
  await time.billing.setRate({ perHour: { minorUnits: 6_000, currency: "EUR" } });
  await time.add(anHour);
  for (const dryRun of [1, "true"] as unknown as boolean[]) {
    await expect(time.billing.invoice({ dryRun })).rejects.toThrow("dryRun must be true or false");
    const directory = temporaryDirectory();
    await openTimeTracking(directory, { timeZone: "UTC" }).add(anHour);
    await expect(migrate(directory, { to: "milliseconds", dryRun })).rejects.toThrow("dryRun must be");
    expect((await migrate(directory, { to: "milliseconds", dryRun: true })).from).toBe("hours");
  }
  expect(await time.billing.invoices()).toEqual([]);
  await expect(migrate("nowhere", undefined as never)).rejects.toThrow("options must be an object");
});

it("a developer that is no string is refused by name", async () => {
  for (const developerId of [["ada"], { toString: () => "ada" }, 5] as never[])
    await expect(openSessions(time).open({ taskId: "1", developerId })).rejects.toThrow(
      "developerId must be a string",
    );
});

it("a process that is none is refused, and one that another program wrote is not taken for proof", async () => {
  const [none] = [{ pid: "x" }] as never[];
  await expect(time.start({ ...work, process: none })).rejects.toThrow("process must be what");
  await expect(time.start({ ...work, process: 5 as never })).rejects.toThrow("process must be what");
  await expect(openSessions(time).open({ taskId: "1", process: none })).rejects.toThrow("process must be");
  await time.start({ ...work, process: identifyProcess() });
  await time.pause({ actorId: "ada" });
  await expect(time.resume({ actorId: "ada", process: none })).rejects.toThrow("process must be what");
  await time.resume({ actorId: "ada" });
  const file = time.store.document<Record<string, { current_session: { flockwork: { process: unknown } } }>>({
    name: ".flowforge/billing/time-tracking.json",
    layout: "flowforge",
  });
  await file.update((draft) => {
    const timer = draft["1"]?.current_session.flockwork;
    if (timer !== undefined) timer.process = { pid: "x" };
  });
  expect(await time.recover()).toEqual([]);
  expect((await time.status()).running).toHaveLength(1);
});

it("corrections and graces are numbers in their bounds", async () => {
  const { entries } = await time.add(anHour);
  const adjust = (deltaMs: unknown): Promise<unknown> =>
    time.billing.adjust(entries[0]?.id ?? "", { deltaMs: deltaMs as number, reason: "Lunch" });
  await expect(adjust("-5")).rejects.toThrow("deltaMs must be a number");
  await expect(adjust(-0.5)).rejects.toThrow("deltaMs must be a whole number");
  expect(await time.billing.seal({ graceDays: 1e14 })).toMatchObject({ entries: 0 });
});

it("what is still to come is not sealed: nobody could work any more, and no seal is ever taken back", async () => {
  await expect(time.billing.seal({ through: "2062-03-02" })).rejects.toThrow("must not lie after today");
  expect((await time.billing.ledger()).seals).toEqual([]);
  expect(await time.billing.seal({ through: "2026-03-02" })).toMatchObject({ entries: 0 });
});
