/** Core is killed at every call that changes something: none of what it exports may be forgotten, also nothing that is new. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as core from "../../packages/core/src/index.ts";
import * as dropIn from "../../packages/core/src/fs/index.ts";
import { crashOperations } from "../src/crash/operations.ts";
import { recoveryOperations } from "../src/crash/recovery-operations.ts";
import { sparedCalls } from "../src/crash/spared-calls.ts";
import { faultOperations } from "../src/faults/fault-operations.ts";
import { withTemporaryDirectory } from "../src/harness/temporary-directory.ts";
import { methodsOf } from "./support/methods-of.ts";

const layouts = Object.entries(core).flatMap(([name, value]) =>
  typeof value === "object" && "locate" in value ? [name] : [],
);

/** What is handed out by what is exported, by the name that operations call it by. */
let objects: Readonly<Record<string, object>> = {};

beforeAll(
  async () =>
    await withTemporaryDirectory(async (directory) => {
      const at = (name: string): string => join(directory, name);
      mkdirSync(at("store"));
      writeFileSync(at("data"), "data\n");
      const store = core.fileStore(at("store"));
      const lock = await core.acquireLock(at("data"), "exclusive");
      await lock.release();
      const leases = core.leases(store);
      const lease = await leases.acquire("build");
      await lease.release();
      const log = core.jsonlLog(at("events.jsonl"));
      const member = store.log({ name: "events.jsonl" });
      objects = {
        FileLock: lock,
        JsonDocument: core.jsonDocument(at("state.json")),
        jsonlLog: log,
        LogCursor: log.cursor(),
        store,
        StoreDocument: store.document({ name: "state.json" }),
        StoreLog: member,
        StoreLogCursor: member.cursor(),
        StoreLock: store.lock("data"),
        leases,
        Lease: lease,
      };
      await store.close();
    }),
);

afterAll(() => core.closeIdleLocks());

/** Every call there is, by the name that an operation has it by. */
function callsOfCore(): string[] {
  const isError = (value: unknown): boolean =>
    typeof value === "function" && value.prototype instanceof Error;
  const functionsOf = (exported: object): string[] =>
    Object.entries(exported).flatMap(([name, value]) =>
      typeof value === "function" && !isError(value) ? [name] : [],
    );
  return [
    ...functionsOf(core),
    ...functionsOf(dropIn).map((name) => `fs.${name}`),
    ...Object.entries(objects).flatMap(([of, object]) => methodsOf(object).map((name) => `${of}.${name}`)),
  ];
}

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
  expect(callsOfCore().filter((call) => !names.has(call) && !sparedCalls.has(call))).toEqual([]);
  const words = new Set(operations.flatMap(({ name }) => name.split(/[^\w-]+/)));
  expect(
    [...layouts, "gastown", "proper-lockfile"].filter((kind) => kind !== "sidecar" && !words.has(kind)),
  ).toEqual([]);
});

test("what is spared exists, is not killed after all, and is like an operation that is", () => {
  const calls = new Set(callsOfCore());
  const names = named(crashOperations);
  expect([...sparedCalls.keys()].filter((call) => !calls.has(call) || names.has(call))).toEqual([]);
  const like = [...sparedCalls.values()].flatMap((spared) => ("as" in spared ? [spared.as] : []));
  const operations = new Set(crashOperations.map(({ name }) => name));
  expect(like.filter((name) => !operations.has(name))).toEqual([]);
});
