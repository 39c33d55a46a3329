/** Core is killed at every call that changes something: none of what it exports may be forgotten, also nothing that is new. */
import { beforeAll, expect, test } from "vitest";
import * as core from "../../packages/core/src/index.ts";
import { crashOperations } from "../src/crash/operations.ts";
import { recoveryOperations } from "../src/crash/recovery-operations.ts";
import { sparedCalls } from "../src/crash/spared-calls.ts";
import { faultOperations } from "../src/faults/fault-operations.ts";
import { callsOfCore } from "./support/calls-of-core.ts";

const layouts = Object.entries(core).flatMap(([name, value]) =>
  typeof value === "object" && "locate" in value ? [name] : [],
);

let calls: readonly string[] = [];

beforeAll(async () => {
  calls = await callsOfCore();
});

/** What the names of operations speak of. What is released is the lock that was acquired, in whichever way. */
function named(operations: readonly { readonly name: string }[]): ReadonlySet<string> {
  const words = operations.flatMap(({ name }) => name.match(/[\w.]+\w/g) ?? []);
  const released = words.flatMap((word) => (/^release(?:Sync)?$/.test(word) ? [`FileLock.${word}`] : []));
  return new Set([...words, ...released]);
}

// Recovery begins with a crash: it is killed, and not failed.
test.each([
  ["T1", "killed", crashOperations],
  ["T3", "failed", faultOperations],
])("%s: every call of core that changes something is %s, or is known not to need it", (_, __, operations) => {
  const names = named(operations === faultOperations ? [...operations, ...recoveryOperations] : operations);
  expect(calls.filter((call) => !names.has(call) && !sparedCalls.has(call))).toEqual([]);
  const words = new Set(operations.flatMap(({ name }) => name.split(/[^\w-]+/)));
  expect(
    [...layouts, "gastown", "proper-lockfile"].filter((kind) => kind !== "sidecar" && !words.has(kind)),
  ).toEqual([]);
});

test("what is spared exists, is not killed after all, and is like an operation that is", () => {
  const known = new Set(calls);
  const names = named(crashOperations);
  expect([...sparedCalls.keys()].filter((call) => !known.has(call) || names.has(call))).toEqual([]);
  const like = [...sparedCalls.values()].flatMap((spared) => ("as" in spared ? [spared.as] : []));
  const operations = new Set(crashOperations.map(({ name }) => name));
  expect(like.filter((name) => !operations.has(name))).toEqual([]);
});
