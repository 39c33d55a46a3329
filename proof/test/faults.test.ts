import { expect, test } from "vitest";
import { injectIntoDomains } from "../src/faults/domain-faults.ts";
import { injectEverywhere } from "../src/faults/faults.ts";
import { injectIntoKernel } from "../src/faults/kernel-errors.ts";
import { withTemporaryDirectory } from "../src/harness/temporary-directory.ts";
import { examine } from "./support/examine.ts";

test("T3, P6: every file call of every operation fails with some errno, once and for ever", async (context) => {
  const tally = await examine(context, (part) => injectEverywhere(part, 2));
  expect(tally.counted("injections")).toBeGreaterThan(1_000);
});

test("T3, P6: calls of the domain packages fail at any of their file calls, and have happened or have not", async (context) => {
  const chosen = /batchUpdate$|agents.sweep|claim, completeWith|claims.claimAll|time: stop$|jit: create/;
  const tally = await examine(context, (part) =>
    injectIntoDomains(part, { faultsEach: 6, chosen: (name) => chosen.test(name) }),
  );
  expect(tally.counted("injections")).toBeGreaterThan(30);
});

test("T3, P6, P14: errors from the kernel itself are named for what they leave behind", async (context) => {
  await examine(context, (part) => withTemporaryDirectory((root) => injectIntoKernel(part, root)));
});
