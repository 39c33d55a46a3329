import { memoryStore } from "@flockwork/core";
import { expect, it } from "vitest";
import { flowforgeProvider, openTimeTracking } from "../src/index.ts";
import { FakeClock } from "../../../toolchain/testing/fake-clock.ts";

const minute = 60_000;

it("FlowForge's provider calls start, pause, resume and end sessions, and tell what they come to", async () => {
  const clock = new FakeClock("test", Date.parse("2026-03-02T09:00:00Z"));
  const time = openTimeTracking(memoryStore(), { clock, timeZone: "UTC" });
  await time.billing.setRate({ perHour: { minorUnits: 9_000, currency: "EUR" } });
  const provider = flowforgeProvider(time);
  const { sessionId, status } = await provider.startSession(142, "ada", { billable: true });
  expect(status).toBe("active");
  clock.pass(10 * minute);
  expect(await provider.pauseSession(sessionId, "Lunch")).toMatchObject({
    status: "paused",
    totalDuration: 10 * minute,
  });
  clock.pass(30 * minute);
  await provider.resumeSession(sessionId);
  clock.pass(5 * minute);
  expect(await provider.getSession(sessionId)).toMatchObject({
    status: "active",
    totalDuration: 15 * minute,
    endTime: null,
  });
  const ended = await provider.endSession(sessionId);
  expect(ended).toMatchObject({ taskId: "142", user: "ada", status: "completed", billableTime: 15 * minute });
  const other = await provider.startSession("7", "ada", { billable: false });
  clock.pass(minute);
  await provider.endSession(other.sessionId);
  expect(await provider.getSessionStats("ada")).toEqual({
    user: "ada",
    totalSessions: 2,
    activeSessions: 0,
    totalDuration: 16 * minute,
    billableTime: 15 * minute,
    averageDuration: 8 * minute,
  });
  const billing = await provider.getBillingData("ada", {
    startDate: "2026-03-02",
    endDate: "2026-03-02",
    timezone: "UTC",
  });
  expect(billing).toMatchObject({
    totalTime: 16 * minute,
    billableTime: 15 * minute,
    amounts: [{ minorUnits: 2_250, currency: "EUR" }],
  });
  expect(await provider.validateDataIntegrity()).toEqual({ ok: true, findings: [] });
  await expect(provider.endSession(sessionId)).rejects.toMatchObject({ code: "ERR_TIME_NOT_FOUND" });
});

it("of two that end a session at once, one ends it, and to the other there is none", async () => {
  const time = openTimeTracking(memoryStore(), { timeZone: "UTC" });
  const provider = flowforgeProvider(time);
  const { sessionId } = await provider.startSession("142", "ada");
  const [first, second] = await Promise.allSettled([
    provider.endSession(sessionId),
    provider.endSession(sessionId),
  ]);
  expect(first).toMatchObject({ status: "fulfilled", value: { status: "completed" } });
  expect(second).toMatchObject({ status: "rejected", reason: { code: "ERR_TIME_NOT_FOUND" } });
});

it("a session that went on as another one meanwhile is not ended with it", async () => {
  const time = openTimeTracking(memoryStore(), { timeZone: "UTC" });
  const provider = flowforgeProvider(time);
  const { sessionId } = await provider.startSession("142", "ada");
  const stop = time.stop({ actorId: "ada" });
  const next = time.start({ taskId: "142", actorId: "ada", sessionId: "another" });
  await expect(provider.endSession(sessionId)).rejects.toMatchObject({ code: "ERR_TIME_NOT_FOUND" });
  await Promise.all([stop, next]);
  expect(await provider.getSession("another")).toMatchObject({ status: "active" });
  await expect(time.stop({ actorId: "ada", sessionId })).rejects.toMatchObject({
    code: "ERR_TIMER_NOT_RUNNING",
  });
  await expect(time.pause({ actorId: "ada", sessionId })).rejects.toThrow("is of the session another");
  await time.pause({ actorId: "ada", sessionId: "another" });
  await expect(time.resume({ actorId: "ada", sessionId })).rejects.toThrow("no paused timer of the session");
  expect(await provider.endSession("another")).toMatchObject({ status: "completed" });
});
