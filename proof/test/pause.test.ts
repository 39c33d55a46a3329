import { expect, test } from "vitest";
import { pauseHolders } from "../src/pause/pause.ts";
import { examine } from "./support/examine.ts";

test("T7, P7: holders that are stopped past their lease, a few of them, write nothing after a takeover", async (context) => {
  const tally = await examine(context, (part) => pauseHolders(part, { pauses: 4, atOnce: 2 }));
  expect(tally.counted("pauses")).toBe(4);
  expect(tally.counted("stale_writes")).toBe(0);
});
