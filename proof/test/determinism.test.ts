import { expect, test } from "vitest";
import type { Store } from "../src/harness/core.ts";
import { Random } from "../src/harness/random.ts";
import { Tally } from "../src/harness/tally.ts";
import { simulateSeeds } from "../src/states/determinism.ts";
import { examine } from "./support/examine.ts";

test("T16, D1, G3, L1: one seed is one run of several clients, and different seeds are different runs", async (context) => {
  const tally = await examine(context, (part) => simulateSeeds(part, 60));
  expect(tally.counted("distinct")).toBe(60);
});

/** The store, with another answer where it is asked for this. */
const instead = <K extends keyof Store>(name: K, make: (store: Store) => Store[K]) => ({
  spoil: (store: Store): Store =>
    new Proxy(store, {
      get: (of, key) => {
        const value: unknown = key === name ? make(of) : Reflect.get(of, key);
        return typeof value === "function" ? value.bind(of) : value;
      },
    }),
});

test.each([
  [
    "a lock that keeps nobody out",
    instead("lock", () => () => ({ withWrite: async (work: () => unknown) => work() }) as never),
    /two inside of one lock/,
  ],
  [
    "a log that forgets",
    instead("log", (store) => (options: unknown) => {
      const log = store.log(options as never);
      const forgets = { append: async () => ({ position: 1 }), read: () => log.read() };
      return forgets as never;
    }),
    /appended .*, found/,
  ],
  [
    "a store that refuses everything",
    instead("transact", () => () => Promise.reject(Object.assign(new Error("no"), { code: "ERR_NO" }))),
    /both: Error: no/,
  ],
])("T16 sees %s", async (_, options, said) => {
  const tally = new Tally();
  const part = { long: false, seed: 1, random: new Random(1), tally, say: () => undefined };
  await simulateSeeds(part, 20, options);
  expect(tally.counted("violations")).toBeGreaterThan(0);
  expect(tally.failures.join("\n")).toMatch(said);
});

test("T16 sees chance that comes from elsewhere", async () => {
  const tally = new Tally();
  const part = { long: false, seed: 1, random: new Random(1), tally, say: () => undefined };
  await simulateSeeds(part, 20, { chance: Math.random });
  expect(tally.counted("different")).toBeGreaterThan(10);
});
