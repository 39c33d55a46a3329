import { expect, test } from "vitest";
import { Handover } from "../src/workers/handover.ts";

const patienceMs = 20;

test("who waits gets what is given, the first one first", async () => {
  const hands = new Handover<string>();
  const waits = [hands.take(patienceMs), hands.take(patienceMs)];
  hands.give("one");
  hands.give("two");
  expect(await Promise.all(waits)).toEqual(["one", "two"]);
});

test("what was given before anybody waited is kept, in its order", async () => {
  const hands = new Handover<string>();
  hands.give("one");
  hands.give("two");
  expect([await hands.take(patienceMs), await hands.take(patienceMs)]).toEqual(["one", "two"]);
});

test("who waited too long gets nothing, and takes nothing away from the next one", async () => {
  const hands = new Handover<string>();
  expect(await hands.take(patienceMs)).toBeUndefined();
  hands.give("one");
  expect(await hands.take(patienceMs)).toBe("one");
});
