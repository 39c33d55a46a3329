import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { act } from "../src/crash/act.ts";
import { checkSyncs } from "../src/crash/check-syncs.ts";
import { killDomains } from "../src/crash/domains/kill-domains.ts";
import { inFreshDirectory } from "../src/crash/in-fresh-directory.ts";
import { killAt } from "../src/crash/kill-at.ts";
import { killAtEveryCall } from "../src/crash/kill-every-call.ts";
import { killStorm } from "../src/crash/kill-storm.ts";
import { crashOperation } from "../src/crash/operations.ts";
import { acquireLock } from "../src/harness/core.ts";
import { Random } from "../src/harness/random.ts";
import { Tally } from "../src/harness/tally.ts";
import { withTemporaryDirectory } from "../src/harness/temporary-directory.ts";
import { examine } from "./support/examine.ts";

const operations = [
  "acquireLock exclusive, release",
  "acquireLock flowforge, release",
  "replaceFile",
  "appendLines after a torn tail",
  "JsonDocument.update",
  "jsonlLog.append",
].map(crashOperation);

test("T1, P2-P6: killed at some of its system calls, every operation leaves the old or the new behind", async (context) => {
  const tally = await examine(context, (part) =>
    withTemporaryDirectory((root) => killAtEveryCall(part, root, { killsEach: 3, befores: [0], operations })),
  );
  expect(tally.counted("killed")).toBeGreaterThan(10);
});

test("P3: whatever is acknowledged, or gets the name that is read, was synced before", async (context) => {
  const operations = [
    "replaceFile",
    "updateJsonSync",
    "appendLines to a new file",
    "store.transact of three files, then all of them",
    "recovery by all of them of a transact interrupted at once, then each",
  ].map(crashOperation);
  const tally = await examine(context, (part) =>
    withTemporaryDirectory((root) => checkSyncs(part, root, operations)),
  );
  expect(tally.counted("syncs")).toBeGreaterThan(15);
});

test("T1, P3: a recovery that is killed at some of its system calls is finished by whoever comes next", async (context) => {
  const operations = [crashOperation("recovery by the log of a transact interrupted at once, then each")];
  const tally = await examine(context, (part) =>
    withTemporaryDirectory((root) => killAtEveryCall(part, root, { killsEach: 4, befores: [0], operations })),
  );
  expect(tally.counted("killed")).toBe(4);
});

test("T1: the calls of one thread are killed at as its own, however many of that name another has made", async (context) => {
  const operation = crashOperation("store.transact of three files");
  await withTemporaryDirectory(async (root) => {
    const counted = await inFreshDirectory(root, (directory) => act(operation, directory, 0));
    if (typeof counted === "string") return context.skip(counted);
    const ofThePool = counted.calls.filter(({ thread }) => thread === "pool");
    expect(ofThePool.length, "staged files, their record and their directory are synced").toBeGreaterThan(4);
    // By now the pool has woken the main thread by as many writes.
    const appended = counted.calls.find(({ name, place }) => name === "write" && /events.jsonl"/.test(place));
    for (const call of [ofThePool[3], appended]) {
      let aim = call;
      let isThere = false;
      for (let attempt = 0; attempt < 8 && !isThere && aim !== undefined; attempt += 1) {
        const at = aim;
        const killed = await inFreshDirectory(root, (directory) => killAt(operation, directory, 0, at));
        isThere = killed.there;
        aim = killed.next;
      }
      expect(isThere, call?.place).toBe(true);
    }
  });
});

test("T1, P2, P3, P6: killed at some of the changes it makes, a domain's call has happened or has not", async (context) => {
  const chosen = new Set(["beads: batchUpdate", "queue: claim, completeWith", "time: sessions.close"]);
  const tally = await examine(context, (part) => killDomains(part, 2, (name) => chosen.has(name)));
  expect(tally.counted("killed") + tally.counted("elsewhere")).toBeGreaterThan(3);
  expect(tally.counted("syncs")).toBeGreaterThan(5);
});

test("T2, P2, P3, P5: a short kill storm loses, doubles and tears nothing", async (context) => {
  const tally = await examine(context, (part) =>
    withTemporaryDirectory((root) => killStorm(part, root, { workers: 4, kills: 12 })),
  );
  expect(tally.counted("kills")).toBe(12);
});

test("T2: a storm in which nobody gets on any more ends, and says so", async () => {
  const tally = new Tally();
  await withTemporaryDirectory(async (root) => {
    mkdirSync(join(root, "storm"));
    const lock = await acquireLock(join(root, "storm", "counts.json"), "exclusive");
    const context = { long: false, seed: 1, random: new Random(1), tally, say: () => undefined };
    await killStorm(context, root, { workers: 3, kills: 1_000, standstillMs: 1_000 });
    await lock.release();
  });
  expect(tally.failures.join("\n")).toMatch(/nothing has moved for 1000 ms/);
  expect(tally.counted("kills")).toBeLessThan(1_000);
});
