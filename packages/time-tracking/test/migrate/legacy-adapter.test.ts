import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { flowforgeLegacyAdapter, openTimeTracking } from "../../src/index.ts";
import { temporaryDirectory } from "../../../../toolchain/testing/surroundings.ts";

const session = { start: "2026-03-01T09:00:00Z", end: "2026-03-01T10:30:00Z", duration: 5_400 };
const legacy = JSON.stringify({
  sessions: { "142": { total_seconds: 5_400, last_updated: session.end, sessions: [session] } },
});

it("FlowForge's legacy adapter tells what is to be migrated, tries it, migrates it and looks at it", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, ".flowforge/billing/time-tracking.json");
  mkdirSync(join(directory, ".flowforge/billing"), { recursive: true });
  writeFileSync(path, legacy);
  const adapter = flowforgeLegacyAdapter(directory, { timeZone: "UTC" });
  const stats = { totalSessions: 1, openTimers: 0, totalDuration: 5_400_000, to: "milliseconds" };
  const pending = { ...stats, from: "seconds", migratedSessions: 0, pendingSessions: 1 };
  expect(await adapter.getMigrationStats()).toEqual(pending);
  expect(await adapter.migrateAllSessions({ dryRun: true })).toMatchObject({ changed: false, entries: 1 });
  expect(readFileSync(path, "utf8")).toBe(legacy);
  const { backup = "", changed } = await adapter.migrateAllSessions();
  expect([changed, existsSync(join(directory, backup))]).toEqual([true, true]);
  const done = { ...stats, from: "milliseconds", migratedSessions: 1, pendingSessions: 0 };
  expect(await adapter.getMigrationStats()).toEqual(done);
  expect(await adapter.migrateAllSessions()).toMatchObject({ changed: false });
  expect(await adapter.validateDataIntegrity()).toEqual({ ok: true, findings: [] });
  expect(await openTimeTracking(directory, { timeZone: "UTC" }).entries()).toMatchObject([
    { taskId: "142", workedMs: 5_400_000 },
  ]);
});
