import { expect, test } from "vitest";
import { withTemporaryDirectory } from "../src/harness/temporary-directory.ts";
import { killedAtEveryCall } from "../src/time/killed-at-every-call.ts";
import { racingTimers } from "../src/time/racing-timers.ts";
import { timeSizes } from "../src/time/time.ts";
import { examine } from "./support/examine.ts";

const { racers, kills, ...rest } = timeSizes.test;

test("P1: two processes race for timers in a file: nothing twice, nothing lost", (context) =>
  examine(context, (part) => racingTimers(part, "hours", { ...rest, racers: 2, kills: 0 })).then(
    () => undefined,
  ));

test("P1, P2, P3: a few processes race for timers in a journal, and half are killed: nothing twice, nothing lost", async (context) => {
  const tally = await examine(context, (part) => racingTimers(part, "journal", { racers, kills, ...rest }));
  expect(tally.counted("killed")).toBe(kills);
});

test("P2, P3, P6: killed at a call of the commit in which a session dies, its timer and its claim agree with it", (context) =>
  examine(context, (part) =>
    withTemporaryDirectory((root) => killedAtEveryCall(part, root, "death of a session", 2)),
  ).then(() => undefined));
