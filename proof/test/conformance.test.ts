import { expect, test } from "vitest";
import { allCases } from "../src/conformance/cases/all-cases.ts";
import { examineHistories, examineSequences, examineStore } from "../src/conformance/examine.ts";
import { matrixOf } from "../src/conformance/matrix.ts";
import { allMutants } from "../src/conformance/mutants/all-mutants.ts";
import { promises } from "../src/conformance/promises.ts";
import { subjects } from "../src/conformance/subjects.ts";
import { examine } from "./support/examine.ts";

const [memory, file] = subjects;

test("L1-L7, D1-D7, G1-G5: every example holds for the store in memory", async (context) => {
  if (memory === undefined) throw new Error("there is no store in memory");
  await examine(context, (part) => examineStore(part, memory));
});

test("L1-L7, D1-D7, G1-G5: every example of one process holds for the store in files", async (context) => {
  if (file === undefined) throw new Error("there is no store in files");
  // Those of several processes take a minute: they run with `npm run proof -- conformance`, and two of them here.
  const kinds = /^the death of a holder|^changes of two processes/;
  const cases = allCases.filter(({ name, needs = [] }) => !needs.includes("peer") || kinds.test(name));
  await examine(context, (part) => examineStore(part, file, cases));
});

test("D1, D2, G1-G3, D5: random sequences are answered by the store in files as by the one in memory", async (context) => {
  if (file === undefined) throw new Error("there is no store in files");
  await examine(context, (part) =>
    examineSequences(part, file, { sequences: 15, actions: 40, seed: part.seed }),
  );
});

for (const [subject, histories] of [
  [memory, 20],
  [file, 1],
] as const) {
  test(`T10, L1, D1, G4: what concurrent clients saw of ${subject?.name} has an explanation`, async (context) => {
    if (subject === undefined) throw new Error("there is no such store");
    const size = { clients: 4, operations: 40, kills: 1, histories };
    const tally = await examine(context, (part) => examineHistories(part, subject, size));
    expect(tally.counted("histories")).toBe(histories);
  });
}

test("every promise has examples, and every promise a broken store", () => {
  const ids = Object.keys(promises).toSorted();
  expect([...new Set(allCases.map(({ promise }) => promise))].toSorted()).toEqual(ids);
  const names = allCases.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const broken = new Set<string>(allMutants.map(({ breaks }) => breaks));
  // Who dies, what tokens are and when a lease is told of its end is not for a wrapper of a store to break.
  expect(ids.filter((id) => !broken.has(id))).toEqual(["L2", "L4", "L5"]);
});

test("the matrix tells passed, skipped and failed cases of each store and promise apart", () => {
  const outcome = (promise: "L1" | "D1", kind: "passed" | "failed" | "skipped") =>
    ({ promise, name: "n", outcome: kind }) as const;
  const outcomes = [
    outcome("L1", "passed"),
    outcome("L1", "skipped"),
    outcome("D1", "failed"),
    outcome("D1", "passed"),
  ];
  const matrix = matrixOf([{ store: "s", outcomes }]);
  expect(matrix).toContain(`| L1: ${promises.L1} | 1 (1 skipped) |`);
  expect(matrix).toContain(`| D1: ${promises.D1} | **1 of 2 failed** |`);
  expect(matrix).toContain(`| G4: ${promises.G4} | none |`);
});
