/** The suite itself: what it is for is to notice. */
import { expect, test } from "vitest";
import { examineMutants } from "../src/conformance/examine.ts";
import { trap } from "../src/conformance/gate.ts";
import { judgeHistories } from "../src/conformance/history/judge-histories.ts";
import { HistorySource } from "../src/conformance/history/record-histories.ts";
import { memoryFactory, memoryNemesis } from "../src/conformance/memory-stores.ts";
import { compareStores } from "../src/conformance/model/compare.ts";
import { allMutants } from "../src/conformance/mutants/all-mutants.ts";
import type { Mutant } from "../src/conformance/mutants/mutant.ts";
import { wrap } from "../src/conformance/mutants/wrap.ts";
import { Random } from "../src/harness/random.ts";
import { examine } from "./support/examine.ts";

test("every broken store is noticed, and one that is only wrapped is not", async (context) => {
  const tally = await examine(context, (part) => examineMutants(part, { controls: [false] }));
  expect(tally.counted("caught")).toBe(allMutants.length);
  expect(allMutants.length).toBeGreaterThanOrEqual(20);
});

test("a store is not caught by a case that does not end, unless that is what it is broken for, nor by a case of another promise", async () => {
  const waits: Mutant = {
    name: "nobody is ever granted a lock that waits",
    breaks: "L3",
    break: (store) => wrap(store, { lock: () => ({ acquire: () => new Promise(() => undefined) }) }),
  };
  expect((await trap(waits, 200)).caughtBy).toBeUndefined();
  expect((await trap({ ...waits, hangs: true }, 2_500)).caughtBy).toMatch(/^L3: /);
  expect((await trap({ ...mutant("big integers are rounded"), breaks: "L3" })).caughtBy).toBeUndefined();
});

function mutant(name: string): Mutant {
  const found = allMutants.find((each) => each.name.includes(name));
  if (found === undefined) throw new Error(`there is no mutant called ${name}`);
  return found;
}

for (const [name, promise] of [
  ["reads without the lock", "D1"],
  ["compared before the lock", "D1"],
  ["offsets are handed out", "G4"],
  ["one after the other", "transact"],
  ["locks of its own", "L1"],
] as const) {
  test(`histories of concurrent clients notice that ${mutant(name).name}`, async () => {
    const source = new HistorySource(memoryNemesis, new Random(1));
    const found = new Set<string>();
    for (let seed = 0; seed < 60 && !found.has(promise); seed += 1) {
      const place = await memoryFactory(mutant(name).break, seed).create();
      const seen = await source.record(place, { clients: 5, operations: 40, kills: 0 });
      for (const wrong of judgeHistories(seen)) found.add(wrong.promise);
    }
    expect([...found]).toContain(promise);
  });
}

for (const name of ["ignores expectedRevision", "no fence check", "a repeated id", "only said to be gone"]) {
  test(`random sequences notice that ${mutant(name).name}, and show it in few steps`, async () => {
    const broken = memoryFactory(mutant(name).break);
    const size = { sequences: 60, actions: 40, seed: 1 };
    const { difference } = await compareStores(memoryFactory(), broken, size);
    expect(difference).toContain("found");
    expect(difference?.split("\n").length).toBeLessThan(9);
  });
}
