import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { Standstill } from "../src/crash/standstill.ts";

test("what settles while somebody looks whether it has is not waited for until the next move", async () => {
  const standstill = new Standstill(600_000);
  let answer: number | undefined;
  void standstill.settled(Promise.resolve(42), "it comes at once").then((value) => (answer = value));
  await setImmediate();
  expect(answer).toBe(42);
});
