/** Hostile paths go to every call of core that is given one: none may be forgotten, also nothing that is new. */
import { expect, test } from "vitest";
import { everyCall } from "../src/hostile/every-call.ts";
import { sparedFromPaths } from "../src/hostile/spared-from-paths.ts";
import { callsOfCore } from "./support/calls-of-core.ts";

/** What their names speak of, as core has it. */
const named: ReadonlySet<string> = new Set(
  everyCall.flatMap(({ name }) => (name.match(/[\w.]+\w/g) ?? []).map(asCoreHasIt)),
);

function asCoreHasIt(name: string): string {
  return name
    .replace(/^store\.document\./, "StoreDocument.")
    .replace(/^store\.log\./, "StoreLog.")
    .replace(/^JsonlLog\./, "jsonlLog.");
}

test("P10, P11: every call of core is given hostile paths, or is known not to need them", async () => {
  const calls = await callsOfCore();
  expect(calls.filter((call) => !named.has(call) && !sparedFromPaths.has(call))).toEqual([]);
});

test("what is spared exists, and is not given them after all", async () => {
  const calls = new Set(await callsOfCore());
  expect([...sparedFromPaths.keys()].filter((call) => !calls.has(call) || named.has(call))).toEqual([]);
});
