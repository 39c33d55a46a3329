import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { migrate, openTimeTracking, type VariantName } from "../../src/index.ts";
import { FakeClock } from "../../../../toolchain/testing/fake-clock.ts";
import { temporaryDirectory } from "../../../../toolchain/testing/surroundings.ts";
import { found, type FoundVariant } from "../variants/found-files.ts";

const variants: readonly VariantName[] = ["seconds", "hours", "hours-unix", "minutes", "milliseconds"];
const name = ".flowforge/billing/time-tracking.json";

function place(text: string): { directory: string; path: string } {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, ".flowforge/billing"), { recursive: true });
  const path = join(directory, name);
  writeFileSync(path, text);
  return { directory, path };
}

it("around all variants and back, no millisecond, no cent and no timer changes", async () => {
  const { directory } = place("{}");
  const clock = new FakeClock("test", Date.parse("2026-03-02T09:00:00.007Z"));
  const time = openTimeTracking(directory, { clock, timeZone: "UTC", durability: "os" });
  await time.billing.setRate({ perHour: { minorUnits: 9_999, currency: "EUR" } });
  for (const actorId of ["ada", "bob"]) {
    await time.start({ taskId: "142", actorId, note: "ü", supervision: "autonomous", ownerId: "ada" });
    clock.pass(1_234_567);
    await time.pause({ actorId, reason: "Lunch" });
    clock.pass(11);
    await time.resume({ actorId });
  }
  await time.start({ taskId: "7", actorId: "cy", billable: false });
  clock.pass(1);
  await time.pause({ actorId: "cy" });
  const before = [
    await time.entries(),
    (await time.status()).running.length,
    (await time.status()).paused.length,
  ];
  for (const to of [...variants, ...variants.toReversed()]) {
    const { proof, workedMs } = await migrate(directory, { to, timeZone: "UTC", backup: false });
    expect([proof.length, workedMs]).toEqual([3, 2 * 1_234_567 + 1]);
    const now = openTimeTracking(directory, { clock, timeZone: "UTC" });
    const status = await now.status();
    expect([await now.entries(), status.running.length, status.paused.length]).toEqual(before);
  }
});

it.each(["hours-unix", "minutes", "milliseconds"] as FoundVariant[])(
  "%s as it was found goes to another variant and its unknown fields with it; the copy has the same bytes",
  async (variant) => {
    const text = found[variant].text.replace("9007199254740993", '"kept"');
    const { directory, path } = place(text);
    const options = { to: "seconds", timeZone: "Europe/Berlin" } as const;
    const dry = await migrate(directory, { ...options, dryRun: true });
    expect([
      dry.changed,
      readFileSync(path, "utf8"),
      readdirSync(join(directory, ".flowforge/billing")).length,
    ]).toEqual([false, text, 1]);
    const { backup, proof, changed } = await migrate(directory, options);
    expect([changed, proof]).toEqual([true, dry.proof]);
    expect(readFileSync(join(directory, backup ?? ""), "utf8")).toBe(text);
    expect(readFileSync(path, "utf8")).toContain('"custom"');
    const time = openTimeTracking(directory, { timeZone: "Europe/Berlin" });
    await time.edit(proof[0]?.id ?? "", { note: "later" });
    expect(readFileSync(path, "utf8")).toMatch(/"foreign":\s*\{[^}]*"custom":\s*"kept"/);
  },
);

it("a file with a record that cannot be read is not migrated", async () => {
  const { directory, path } = place(found.hours.text);
  await expect(migrate(directory, { to: "seconds" })).rejects.toMatchObject({ code: "ERR_TIME_FORMAT" });
  expect(readFileSync(path, "utf8")).toBe(found.hours.text);
});

it.each(Object.keys(found).filter((variant) => variant !== "hours") as FoundVariant[])(
  "%s as it was found goes into the journal and back: same time, same unknown fields, nothing left behind",
  async (variant) => {
    const text = found[variant].text.replace("9007199254740993", '"kept"');
    const { directory, path } = place(text);
    const zone = { timeZone: "Europe/Berlin" } as const;
    const before = await openTimeTracking(directory, zone).entries();
    const dry = await migrate(directory, { to: "journal", ...zone, dryRun: true });
    expect([dry.changed, readFileSync(path, "utf8")]).toEqual([false, text]);
    const there = await migrate(directory, { to: "journal", ...zone });
    expect(there).toMatchObject({ changed: true, to: "journal", proof: dry.proof, entries: before.length });
    expect(readFileSync(join(directory, there.backup ?? ""), "utf8")).toBe(text);
    expect(await openTimeTracking(directory, zone).entries()).toEqual([]);
    const journal = openTimeTracking(directory, { mode: "journal", ...zone });
    expect(await journal.entries()).toEqual(before);
    await expect(journal.undo()).rejects.toMatchObject({ code: "ERR_TIME_CONFLICT" });
    const back = await migrate(directory, { from: "journal", to: "seconds", ...zone });
    expect(back).toMatchObject({ changed: true, proof: dry.proof });
    expect(await journal.entries()).toEqual([]);
    expect(await openTimeTracking(directory, zone).entries()).toEqual(before);
    if (text.includes('"kept"'))
      expect(readFileSync(path, "utf8")).toMatch(/"foreign":\s*\{[^}]*"custom":\s*"kept"/);
  },
);

it("of two migrations at once one is made, and the copy of the other goes", async () => {
  const { directory, path } = place("{}");
  const time = openTimeTracking(directory, { timeZone: "UTC" });
  await time.add({ taskId: "1", actorId: "a", startedAt: "2026-01-01T09:00Z", endedAt: "2026-01-01T10:00Z" });
  const text = readFileSync(path, "utf8");
  const both = await Promise.allSettled([
    migrate(directory, { to: "journal", timeZone: "UTC" }),
    migrate(directory, { to: "journal", timeZone: "UTC" }),
  ]);
  const made = both.flatMap((each) => (each.status === "fulfilled" && each.value.changed ? each.value : []));
  expect(made).toHaveLength(1);
  const copies = readdirSync(join(directory, ".flowforge/billing")).filter(
    (name) => name.includes(".backup-") && !name.endsWith(".lock"),
  );
  expect(copies).toHaveLength(1);
  expect(readFileSync(join(directory, made[0]?.backup ?? ""), "utf8")).toBe(text);
});

it("timers and rates go into the journal, which goes on with them; there is never time in both", async () => {
  const { directory } = place("{}");
  const clock = new FakeClock("test", Date.parse("2026-03-02T09:00:00.007Z"));
  const options = { clock, timeZone: "UTC", durability: "os" } as const;
  const time = openTimeTracking(directory, options);
  await time.billing.setRate({ perHour: { minorUnits: 9_999, currency: "EUR" } });
  await time.start({ taskId: "1", actorId: "ada" });
  clock.pass(1_234);
  await time.switch({ taskId: "2", actorId: "ada" });
  await time.start({ taskId: "1", actorId: "bob" });
  await time.pause({ actorId: "bob" });
  const journal = openTimeTracking(directory, { ...options, mode: "journal" });
  await journal.add({
    taskId: "9",
    actorId: "cy",
    startedAt: "2026-01-01T09:00Z",
    endedAt: "2026-01-01T10:00Z",
  });
  await expect(migrate(directory, { to: "journal" })).rejects.toMatchObject({ code: "ERR_TIME_CONFLICT" });
  await journal.undo();
  expect(await migrate(directory, { to: "journal", timeZone: "UTC" })).toMatchObject({
    entries: 2,
    timers: 2,
  });
  clock.pass(1_000);
  const { entries } = await journal.stop({ actorId: "ada" });
  expect(entries).toMatchObject([{ taskId: "2", workedMs: 1_000, rate: { minorUnits: 9_999 } }]);
  expect((await journal.resume({ actorId: "bob" })).timer).toMatchObject({ taskId: "1" });
  await time.add({
    taskId: "9",
    actorId: "cy",
    startedAt: "2026-01-01T09:00Z",
    endedAt: "2026-01-01T10:00Z",
  });
  const out = { from: "journal", to: "hours" } as const;
  await expect(migrate(directory, out)).rejects.toMatchObject({ code: "ERR_TIME_CONFLICT" });
  expect(await journal.entries()).toHaveLength(3);
});

it("a task that would be taken for something else in the other variant keeps the file as it is", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, ".flowforge/billing/time-tracking.json");
  mkdirSync(join(directory, ".flowforge/billing"), { recursive: true });
  const session = { session_id: "s", issue_id: "sessions", start_time: "2026-03-01T09:00:00Z" };
  const text = JSON.stringify({ sessions: [{ ...session, duration_minutes: 5 }], current_session: null });
  writeFileSync(path, text);
  await expect(migrate(directory, { to: "hours" })).rejects.toMatchObject({ code: "ERR_TIME_FORMAT" });
  expect(readFileSync(path, "utf8")).toBe(text);
  expect(await migrate(directory, { to: "milliseconds" })).toMatchObject({ changed: true });
});

it.each(["null", '{"changes":5}', '{"changes":[null]}', '{"op":"o","what":"add","atMs":1,"changes":[{}]}'])(
  "a journal with the line %s is refused by a typed error, and all is as it was",
  async (line) => {
    const { directory, path } = place("{}");
    const journal = join(directory, ".flowforge/billing/time-journal.jsonl");
    writeFileSync(journal, `${line}\n`);
    for (const options of [{ to: "journal" }, { from: "journal", to: "hours" }] as const)
      await expect(migrate(directory, options)).rejects.toMatchObject({ code: "ERR_LOG_CORRUPT" });
    expect([readFileSync(path, "utf8"), readFileSync(journal, "utf8")]).toEqual(["{}", `${line}\n`]);
  },
);

it("time of a task that no journal can hold is refused, and all is as it was", async () => {
  const session = { session_id: "s", start_time: "2026-03-02T09:00:00Z", duration_minutes: 5, type: "work" };
  const sessions = [
    { ...session, issue_id: "1" },
    { ...session, issue_id: "__proto__" },
  ];
  const text = JSON.stringify({ sessions, current_session: null });
  const { directory, path } = place(text);
  for (const dryRun of [true, false])
    await expect(migrate(directory, { to: "journal", dryRun, timeZone: "UTC" })).rejects.toMatchObject({
      code: "ERR_TIME_FORMAT",
    });
  expect(readFileSync(path, "utf8")).toBe(text);
  const names = readdirSync(join(directory, ".flowforge/billing")).filter((each) => !each.endsWith(".lock"));
  expect(names).toEqual(["time-tracking.json"]);
  expect(await openTimeTracking(directory, { mode: "journal" }).entries()).toEqual([]);
});
