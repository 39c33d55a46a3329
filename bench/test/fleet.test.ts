import { expect, test } from "vitest";
import { countedBy } from "../src/measure/fleet.ts";

test("readers change nothing: only what writers did has to be in the file", () => {
  const writers = [{ waitsUs: [1, 2, 3] }, { waitsUs: [1], counted: 1 }];
  const readers = [{ waitsUs: [1, 2, 3, 4], counted: 0 }];
  expect(countedBy([...writers, ...readers])).toBe(4);
});
