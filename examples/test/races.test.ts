import { expect, test } from "vitest";
import { races, testRaces } from "./run-example.ts";

// Every second one: the others are in more-races.test.ts, so that the two run side by side.
testRaces(races.filter((_, at) => at % 2 === 0));

test("every idea that people bring a script for has a race", () => {
  expect(races).toHaveLength(11);
});
