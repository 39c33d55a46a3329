import { expect, test } from "vitest";
import { memoryStore, MemorySpace, type MemoryClock } from "../../src/index.ts";

/** Time that passes when it is told to. */
class VirtualClock implements MemoryClock {
  #now = 0;
  #due: { readonly at: number; readonly run: () => void }[] = [];

  after(ms: number, run: () => void): () => void {
    const entry = { at: this.#now + ms, run };
    this.#due.push(entry);
    return () => (this.#due = this.#due.filter((other) => other !== entry));
  }

  get pending(): number {
    return this.#due.length;
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const { at, run } of this.#due.toSorted((a, b) => a.at - b.at)) if (at <= this.#now) run();
  }
}

test("waits in a store in memory end by the clock it was given, and leave nothing with it", async () => {
  const clock = new VirtualClock();
  const store = memoryStore({ clock });
  const end = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const holding = store.lock("job").withWrite(() => (begun.resolve(), end.promise));
  await begun.promise;
  const patient = store.lock("job").withWrite(() => "in", { timeoutMs: 3_600_000 });
  const hasty = store.lock("job").withWrite(() => "in", { timeoutMs: 60_000 });
  const forever = store.lock("job").withWrite(() => "in", { timeoutMs: Infinity });
  const refused = expect(hasty).rejects.toMatchObject({ code: "ERR_LOCK_TIMEOUT", waitedMs: 60_000 });
  await new Promise((resolve) => setImmediate(resolve)); // the calls have come to wait
  expect(clock.pending).toBe(2);
  clock.advance(3_599_999);
  await refused;
  end.resolve();
  expect(await Promise.all([holding, patient, forever])).toEqual([undefined, "in", "in"]);
  expect(clock.pending).toBe(0);
});

test("a shared space has one clock", () => {
  const clock = new VirtualClock();
  expect(() => memoryStore({ clock, shared: new MemorySpace() })).toThrow(
    /shared space has its clock already/,
  );
  expect(() => new MemorySpace({ clock: {} as MemoryClock })).toThrow(/clock\.after must be a function/);
});
