import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { injectIntoDomains } from "../src/faults/domain-faults.ts";
import { faultOperations } from "../src/faults/fault-operations.ts";
import { injectEverywhere } from "../src/faults/faults.ts";
import { injectAll } from "../src/faults/inject-all.ts";
import { injectIntoKernel, kernelErrors } from "../src/faults/kernel-errors.ts";
import { tryFault } from "../src/faults/nth-error.ts";
import { CommitUncertainError, files, ReadFailedError } from "../src/harness/core.ts";
import { Tally } from "../src/harness/tally.ts";
import { withTemporaryDirectory } from "../src/harness/temporary-directory.ts";
import { examine } from "./support/examine.ts";

test("T3, P6: every file call of every operation fails with some errno, once and for ever", async (context) => {
  const operations = faultOperations.filter(({ commit }) => commit === undefined);
  const tally = await examine(context, (part) => injectEverywhere(part, 2, operations));
  expect(tally.counted("injections")).toBeGreaterThan(1_000);
});

test("T3, P6, P14: every file call of a commit of several files fails, and it is done, or not, or uncertain", async (context) => {
  const operations = faultOperations.filter(
    ({ name }) => name === "store.transact of three files, then the log",
  );
  const tally = await examine(context, (part) => injectEverywhere(part, 1, operations));
  expect(tally.counted("injections")).toBeGreaterThan(150);
});

test("T3, P6: calls of the domain packages fail at any of their file calls, and have happened or have not", async (context) => {
  const chosen = /batchUpdate$|agents.sweep|claim, completeWith|claims.claimAll|time: stop$|jit: create/;
  const tally = await examine(context, (part) =>
    injectIntoDomains(part, { faultsEach: 6, chosen: (name) => chosen.test(name) }),
  );
  expect(tally.counted("injections")).toBeGreaterThan(30);
});

test("T3: a fault whose call never comes is no injection, passes nothing, and is a failure where it is the rule", async () => {
  const tally = new Tally();
  await withTemporaryDirectory(async (root) => {
    const [operation] = faultOperations.filter(({ name }) => name === "replaceFile");
    if (operation === undefined) throw new Error("no such operation");
    const faults = [1, 99, 100].map((nth) => ({ call: "fsync", nth, errno: "EIO", forever: false }));
    const part = { tally, say: () => undefined };
    await injectAll(part, operation.name, faults, (fault) => tryFault(operation, fault, root));
  });
  expect([tally.counted("injections"), tally.counted("unreached"), tally.passed]).toEqual([1, 2, 1]);
  expect(tally.failures).toEqual(["T3: replaceFile: 2 of 3 faults were not reached"]);
});

test("T3: an operation that waits for ever is a violation, and the faults go on", async () => {
  const operation = {
    name: "waits for ever",
    files: ["data"],
    content: () => "data\n",
    run: async (directory: string) => {
      try {
        files.closeSync(files.openSync(join(directory, "data"), 0));
      } catch {
        await new Promise(() => undefined);
      }
    },
  };
  await withTemporaryDirectory(async (root) => {
    const fault = { call: "openSync", nth: 1, errno: "EIO", forever: false };
    expect(await tryFault(operation, fault, root)).toMatch(/not settled after 2000 ms of waiting/);
  });
});

test("T3: what stands after an error that does not say that it may is a violation", async () => {
  const failing = (errorOf: (cause: unknown) => Error) => ({
    name: "fails once it has changed something",
    files: ["data"],
    content: (_file: string, rounds: number) => (rounds === 0 ? "old\n" : "new\n"),
    run: (directory: string) => {
      writeFileSync(join(directory, "data"), "new\n");
      try {
        files.closeSync(files.openSync(join(directory, "data"), 0));
      } catch (cause) {
        throw errorOf(cause);
      }
    },
  });
  await withTemporaryDirectory(async (root) => {
    const fault = { call: "openSync", nth: 1, errno: "EIO", forever: false };
    const found = (errorOf: (cause: unknown) => Error) => tryFault(failing(errorOf), fault, root);
    expect(await found((cause) => new ReadFailedError("data", cause))).toMatch(/not what the outcome says/);
    expect(await found((cause) => new CommitUncertainError("data", cause))).toBeUndefined();
  });
});

test("T3, P6, P14: errors from the kernel itself are named for what they leave behind", async (context) => {
  // Every other one, by the seed: each is a run under strace.
  await examine(context, (part) => {
    const chosen = kernelErrors.filter((_, at) => at % 2 === part.seed % 2);
    return withTemporaryDirectory((root) => injectIntoKernel(part, root, chosen));
  });
});
