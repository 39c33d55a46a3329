import { expect, test } from "vitest";
import { raceForTheDead, takeoverSizes } from "../src/takeover/takeover.ts";
import { examine } from "./support/examine.ts";

test("T11, P1: of those that race for the lock of a dead one, one gets ours, and two get proper-lockfile's", async (context) => {
  const tally = await examine(context, (part) => raceForTheDead(part, takeoverSizes.test));
  expect(tally.counted("double_grants")).toBe(0);
  expect(tally.counted("theirs_after")).toBeGreaterThan(0);
});
