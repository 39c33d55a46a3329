import { expect, type TestContext } from "vitest";
import type { PartContext } from "../../src/harness/part.ts";
import { Random } from "../../src/harness/random.ts";
import { Tally } from "../../src/harness/tally.ts";

const seed = Number(process.env["FLOCKWORK_PROOF_SEED"] ?? "20");

/** Runs a part's short form: whatever it finds is the test's failure, and what could not run is said. */
export async function examine(
  test: TestContext,
  run: (context: PartContext) => Promise<unknown>,
): Promise<Tally> {
  const tally = new Tally();
  await run({ long: false, seed, random: new Random(seed), tally, say: () => undefined });
  for (const skip of tally.skips) console.warn(`skipped: ${skip}`);
  if (tally.passed === 0 && tally.failed === 0) test.skip(tally.skips.join("; "));
  expect(tally.failures).toEqual([]);
  return tally;
}
