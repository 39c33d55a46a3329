import { expect, test } from "vitest";
import { clockSizes, jumpClocks } from "../src/clock/clock.ts";
import { holdings } from "../src/clock/holdings.ts";
import { examine } from "./support/examine.ts";

for (const kind of Object.keys(holdings))
  test(`T8, P8: of those whose clocks jump, one at a time has it, and nobody waits past his time: ${kind}`, async (context) => {
    const tally = await examine(context, (part) => jumpClocks(part, clockSizes.test, [kind]));
    expect(tally.counted("jumps")).toBeGreaterThan(10);
  });
