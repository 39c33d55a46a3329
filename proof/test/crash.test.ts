import { expect, test } from "vitest";
import { killAtEveryCall } from "../src/crash/kill-every-call.ts";
import { killStorm } from "../src/crash/kill-storm.ts";
import { crashOperation } from "../src/crash/operations.ts";
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
    withTemporaryDirectory((root) => killAtEveryCall(part, root, { killsEach: 4, befores: [0], operations })),
  );
  expect(tally.counted("kills")).toBeGreaterThan(10);
});

test("T2, P2, P3, P5: a short kill storm loses, doubles and tears nothing", async (context) => {
  const tally = await examine(context, (part) =>
    withTemporaryDirectory((root) => killStorm(part, root, { workers: 4, kills: 12 })),
  );
  expect(tally.counted("kills")).toBe(12);
});
