import { expect, test } from "vitest";
import { exhaustion, exhaustionSizes } from "../src/soak/exhaustion.ts";
import { examine } from "./support/examine.ts";

test("T13, P13: thousands of locks and waiters, and 64 descriptors, end in grants and typed errors, and leave nothing behind", async (context) => {
  const tally = await examine(context, (part) => exhaustion(part, exhaustionSizes.short));
  expect(tally.passed).toBe(4);
  expect(tally.counted("locks")).toBe(exhaustionSizes.short.locks);
  expect(tally.line("soak", 1)).toContain(`waiters=${exhaustionSizes.short.waiters} `);
}, 600_000);
