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
