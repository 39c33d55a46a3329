import { memoryStore, type Store, type StoreDocument } from "@flockwork/core";
import { beforeEach, expect, it } from "vitest";
import { openTimeTracking, type TimeTracking } from "../../src/index.ts";
import { FakeClock } from "../../../../toolchain/testing/fake-clock.ts";
import { fc } from "../support/property.ts";

type Tasks = Record<string, { sessions: Record<string, unknown>[] }>;
const hour = 3_600_000;
const perHour = { minorUnits: 9_000, currency: "EUR" };
let clock = new FakeClock();
let store: Store;
let time: TimeTracking;
let file: StoreDocument<Tasks>;
beforeEach(async () => {
  clock = new FakeClock("test", Date.parse("2026-03-02T09:00:00Z"));
  store = memoryStore();
  time = openTimeTracking(store, { clock, timeZone: "UTC" });
  file = store.document<Tasks>({ name: ".flowforge/billing/time-tracking.json", layout: "flowforge" });
  await time.billing.setRate({ perHour });
});

async function work(taskId: string, hours: number, actorId = "ada", more = {}): Promise<string> {
  await time.start({ taskId, actorId, ...more });
  clock.pass(hours * hour);
  return (await time.stop({ actorId })).entries[0]?.id ?? "";
}

const code = (expected: string): object => ({ code: expected });
const kinds = async (): Promise<string[]> => [
  ...new Set((await time.billing.verify()).findings.map(({ kind }) => kind)),
];

it("rates are frozen on the entry: a new one changes nothing that has ended", async () => {
  await work("1", 1);
  await time.billing.setRate({ perHour: { minorUnits: 12_000, currency: "EUR" } });
  await work("1", 1);
  expect((await time.entries()).map(({ rate }) => rate?.minorUnits)).toEqual([9_000, 12_000]);
  const { lines } = await time.billing.invoice();
  expect(new Set(lines.map(({ amount }) => amount.minorUnits))).toEqual(new Set([12_000, 9_000]));
});

it("nothing is billed twice, what is billed is locked, and a void invoice frees it", async () => {
  const id = await work("1", 2);
  const dry = await time.billing.invoice({ dryRun: true });
  const invoice = await time.billing.invoice();
  expect([dry.total, invoice.id, invoice.total.minorUnits]).toEqual([invoice.total, "2026-0001", 18_000]);
  await expect(time.billing.invoice()).rejects.toMatchObject(code("ERR_BILLING"));
  await expect(time.edit(id, { billable: false })).rejects.toMatchObject(code("ERR_ENTRY_LOCKED"));
  await expect(time.remove(id)).rejects.toMatchObject(code("ERR_ENTRY_LOCKED"));
  await time.billing.voidInvoice(invoice.id);
  await expect(time.billing.voidInvoice(invoice.id)).rejects.toMatchObject(code("ERR_TIME_CONFLICT"));
  await time.edit(id, { note: "free again" });
  expect((await time.billing.invoice()).id).toBe("2026-0002");
  expect((await time.billing.invoices()).map((each) => each.id)).toEqual(["2026-0002"]);
  expect(await kinds()).toEqual([]);
});

it("ten invoices at once bill everything once", async () => {
  for (let at = 0; at < 5; at += 1) await work(String(at), 1);
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => time.billing.invoice()));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await kinds()).toEqual([]);
});

it("what has no rate, or awaits confirmation, is not billed silently", async () => {
  const bare = openTimeTracking(memoryStore(), { clock, timeZone: "UTC" });
  await bare.add({ taskId: "1", actorId: "ada", startedAt: 1e12, endedAt: 1e12 + hour });
  await expect(bare.billing.invoice()).rejects.toThrow("no rate holds");
  await time.start({ taskId: "1", actorId: "ada", leaseMs: 1 });
  clock.pass(hour);
  await time.recover();
  await expect(time.billing.invoice()).rejects.toThrow("awaits confirmation");
  await expect(time.billing.seal({ through: "2026-03-02" })).rejects.toThrow("awaits confirmation");
});

it("a sealed period is closed: later corrections are adjustments, billed with what comes", async () => {
  const id = await work("1", 2);
  clock.pass(24 * hour);
  await time.start({ taskId: "2", actorId: "bob", startedAt: "2026-03-02T20:00:00Z" });
  await expect(time.billing.seal({ through: "2026-03-02" })).rejects.toMatchObject(code("ERR_TIME_CONFLICT"));
  await time.undo();
  await time.billing.seal({ through: "2026-03-02" });
  await expect(time.edit(id, { note: "late" })).rejects.toMatchObject(code("ERR_ENTRY_LOCKED"));
  const late = {
    taskId: "1",
    actorId: "ada",
    startedAt: "2026-03-02T05:00:00Z",
    endedAt: "2026-03-02T06:00:00Z",
  };
  await expect(time.add(late)).rejects.toMatchObject(code("ERR_ENTRY_LOCKED"));
  await expect(time.billing.adjust(id, { deltaMs: -3 * hour, reason: "all" })).rejects.toThrow(
    "are left of it",
  );
  for (const odd of [[id], { toString: () => id }, Symbol(id), null] as unknown as string[])
    await expect(time.billing.adjust(odd, { deltaMs: -hour, reason: "odd" })).rejects.toThrow(
      "entryId must be a string",
    );
  await time.billing.adjust(id, { deltaMs: -hour, reason: "Was at lunch" });
  const { lines, total } = await time.billing.invoice();
  expect([lines.length, total.minorUnits]).toEqual([2, 9_000]);
  await time.billing.seal({ through: "2026-03-03" });
  expect(await kinds()).toEqual([]);
});

it("what may be edited is not adjusted, and what was adjusted stays, also when its invoice is taken back", async () => {
  const id = await work("1", 2);
  await expect(time.billing.adjust(id, { deltaMs: -hour, reason: "Lunch" })).rejects.toThrow("edit it");
  const { id: number } = await time.billing.invoice();
  await time.billing.setBudget({ id: "b", taskId: "1", limitMs: 4 * hour });
  await time.billing.adjust(id, { deltaMs: -hour, reason: "Was at lunch" });
  expect(await time.billing.budgets()).toMatchObject([{ usedMs: hour, percent: 25 }]);
  await time.billing.voidInvoice(number);
  await expect(time.remove(id)).rejects.toMatchObject(code("ERR_ENTRY_LOCKED"));
  await expect(time.edit(id, { note: "late" })).rejects.toThrow("corrected");
  const again = await time.billing.invoice();
  expect(again.total.minorUnits).toBeGreaterThan(0);
  expect(again.lines.reduce((sum, line) => sum + line.amount.minorUnits, 0)).toBe(again.total.minorUnits);
  expect(await kinds()).toEqual([]);
});

it("a grace closes the days that ended more than so many days ago, in the zone of the project", async () => {
  const auckland = openTimeTracking(store, { clock, timeZone: "Pacific/Auckland" });
  await auckland.start({ taskId: "1", actorId: "ada" });
  clock.pass(hour);
  await auckland.stop({ actorId: "ada" });
  clock.pass(72 * hour); // 2026-03-05 23:00 in Auckland
  expect(await auckland.billing.seal({ graceDays: 2 })).toMatchObject({ through: "2026-03-02", entries: 1 });
  await expect(auckland.billing.seal({ graceDays: 2 })).rejects.toMatchObject(code("ERR_TIME_CONFLICT"));
  expect(await auckland.billing.seal({ graceDays: 0 })).toMatchObject({ through: "2026-03-04", entries: 0 });
  await expect(auckland.billing.seal({ graceDays: -1 })).rejects.toThrow("graceDays");
  await expect(auckland.billing.seal({} as never)).rejects.toThrow("through");
});

it("verify tells of every edit of sealed and billed data that another program makes", async () => {
  const edits: [string, (tasks: Tasks) => void][] = [
    ["sealed-day-changed", (tasks) => void ((tasks["1"]?.sessions[0] ?? {})["user"] = "eve")],
    ["sealed-day-changed", (tasks) => void ((tasks["1"]?.sessions[0] ?? {})["end"] = "2026-03-02T09:30:00Z")],
    ["sealed-day-changed", (tasks) => void tasks["1"]?.sessions.push({ ...late, user: "eve" })],
    ["bill-mark", (tasks) => void tasks["1"]?.sessions.pop()],
  ];
  const late = { start: "2026-03-01T05:00:00Z", end: "2026-03-01T06:00:00Z", duration: 1, instance_id: "" };
  await work("1", 2);
  clock.pass(24 * hour);
  await time.billing.invoice();
  await time.billing.seal({ through: "2026-03-02" });
  const whole = structuredClone(await file.read()) as Tasks;
  for (const [kind, edit] of edits) {
    await file.update((tasks) => edit(tasks));
    expect(await kinds()).toContain(kind);
    await store.document<Tasks>({ name: file.name, layout: "flowforge", merge: "overwrite" }).write(whole);
    expect(await kinds()).toEqual([]);
  }
});

it("a hash chain notices any change of any number in a seal or an invoice", async () => {
  for (const day of [1, 2, 3]) {
    await work(String(day), 1);
    await time.billing.invoice();
    clock.pass(24 * hour);
    await time.billing.seal({ through: `2026-03-0${day + 1}` });
  }
  const ledger = store.document<Record<string, unknown>>({
    name: ".flowforge/billing/ledger.json",
  });
  const whole = structuredClone(await ledger.read()) as Record<string, never>;
  const numbers: (string | number)[][] = [];
  (function walk(value: unknown, path: (string | number)[]): void {
    if (typeof value === "number") numbers.push(path);
    else if (typeof value === "object" && value !== null)
      for (const [key, member] of Object.entries(value)) walk(member, [...path, key]);
  })({ seals: whole["seals"], invoices: whole["invoices"] }, []);
  expect(numbers.length).toBeGreaterThan(30);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...numbers), async (path) => {
      await ledger.update((draft) => {
        let at: Record<string, never> = draft as Record<string, never>;
        for (const key of path.slice(0, -1)) at = at[key] as never;
        const last = path.at(-1) ?? "";
        at[last] = ((at[last] as unknown as number) + 1) as never;
      });
      expect((await time.billing.verify()).ok).toBe(false);
      await ledger.update((draft) => void Object.assign(draft, structuredClone(whole)));
      expect((await time.billing.verify()).findings).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

it("budgets in time and money tell each alert once", async () => {
  await time.billing.setBudget({
    id: "acme",
    clientId: "acme",
    limitMs: 10 * hour,
    limit: { minorUnits: 45_000, currency: "EUR" },
  });
  await work("1", 3, "ada", { clientId: "acme" });
  await work("1", 5);
  expect(await time.billing.alerts()).toEqual([]);
  await work("1", 1, "ada", { clientId: "acme" });
  expect(await time.billing.budgets()).toMatchObject([
    { usedMs: 4 * hour, used: { minorUnits: 36_000 }, percent: 80, reached: [80] },
  ]);
  expect(await time.billing.alerts()).toHaveLength(1);
  expect(await time.billing.alerts()).toEqual([]);
  await work("1", 2, "ada", { clientId: "acme" });
  expect((await time.billing.alerts()).map(({ reached }) => reached)).toEqual([[80, 100]]);
});
