import { expect, test } from "vitest";
import { replaced, replacementsIn } from "../src/fuzz/each-value.ts";
import { fuzzTargets } from "../src/fuzz/fuzz.ts";
import { allKept } from "../src/fuzz/corpus.ts";
import { brokenTargets } from "../src/fuzz/targets/broken-targets.ts";
import { allTargets } from "../src/fuzz/targets/all-targets.ts";
import { Random } from "../src/harness/random.ts";
import { Tally } from "../src/harness/tally.ts";
import { examine } from "./support/examine.ts";

test("T15, P10: mutated files of every kind are read, or refused by a typed error, and stay as they were", async (context) => {
  const cases = allTargets.length * 2;
  const tally = await examine(context, (part) => fuzzTargets(part, { cases, minutes: 5 }));
  expect(tally.counted("cases")).toBe(cases);
  const kept = [...allKept().values()].filter(({ target }) => !target.startsWith("broken"));
  expect(kept.length).toBeGreaterThan(0);
  expect(tally.counted("kept"), "of the corpus, all is played").toBe(kept.length);
}, 360_000);

test("T15 plays what is kept first, and says which case failed", async () => {
  expect(await foundWrongWith("untyped", 1)).toMatch(/TypeError.*case kept in broken-untyped\.json/s);
});

test.for([...allKept()])("the kept case in %s is of a target, and of a file it reads", ([, kept]) => {
  const target = [...allTargets, ...brokenTargets].find(({ name }) => name === kept.target);
  expect(target, kept.target).toBeDefined();
  expect(Object.keys(kept.files)).toContain(kept.mutated);
  expect(`/${kept.mutated}`).toMatch(target?.mutates ?? /./);
});

/** What is found wrong with one of the broken parsers. */
async function foundWrongWith(name: string, cases: number): Promise<string> {
  const tally = new Tally();
  const part = { long: false, seed: 4, random: new Random(4), tally, say: () => undefined };
  await fuzzTargets(part, { cases, minutes: 1, targets: [`broken: ${name}`], watchdogMs: 6_000 });
  return tally.failures.join("\n");
}

test.each([
  ["untyped", 40, /TypeError/],
  ["rejects later", 40, /unhandledRejection/],
  ["pollutes", 150, /prototype of Object was changed/],
  ["changes what it refuses", 2, /a\.json was changed by a call that was refused/],
  ["hangs", 1, /not settled after/],
  ["spins", 1, /span for/],
  ["grows", 30, /memory|ended with/],
])(
  "T15 sees a parser that %s",
  async (name, cases, seen) => {
    expect(await foundWrongWith(name, cases)).toMatch(seen);
  },
  60_000,
);

test("T15 replaces each value of each file, and nothing else", () => {
  const files = new Map([
    ["a.json", Buffer.from('{"a":[1,{"b":2}]}')],
    ["b.jsonl", Buffer.from('{"c":3}\nnot JSON\n4\n')],
  ]);
  const all = replacementsIn(files, ["a.json", "b.jsonl"]).filter(({ token }) => token === "null");
  const texts = all.map((each) => replaced(files, each).files.get(each.mutated)?.toString());
  expect(texts).toEqual([
    "null",
    '{"a":null}',
    '{"a":[null,{"b":2}]}',
    '{"a":[1,null]}',
    '{"a":[1,{"b":null}]}',
    "null\nnot JSON\n4\n",
    '{"c":null}\nnot JSON\n4\n',
    '{"c":3}\nnot JSON\nnull\n',
  ]);
});
