import * as fc from "fast-check";
import { expect, test } from "vitest";

import {
  compareFencingTokens,
  hasNextFencingToken,
  highestFencingToken,
  isFencingToken,
  nextFencingToken,
} from "../../src/lease/fencing-token.ts";
import { yearMs } from "./support/fake-clock.ts";

const start = Date.UTC(2030, 0, 1);
const token = fc.bigInt({ min: 0n, max: 10n ** 37n }).map(String);

test("P7: a token exceeds the one before it and every floor, whatever the clock says", () => {
  fc.assert(
    fc.property(
      fc.option(token, { nil: undefined }),
      fc.option(token, { nil: undefined }),
      fc.integer({ min: -100 * yearMs, max: 200 * yearMs }),
      (previous, floor, now) => {
        const next = nextFencingToken(previous, now, floor);
        expect(isFencingToken(next)).toBe(true);
        for (const before of [previous, floor])
          if (before !== undefined) expect(compareFencingTokens(next, before)).toBeGreaterThan(0);
      },
    ),
  );
});

test("P7: after everything was deleted, a token exceeds all before it, if the clock is later than it was at their grants", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.boolean())), (grants) => {
      let now = start;
      let record: string | undefined;
      let highest: string | undefined;
      for (const [passes, deleted] of grants) {
        now += passes;
        if (deleted) record = undefined;
        record = nextFencingToken(record, now);
        if (highest !== undefined) expect(compareFencingTokens(record, highest)).toBeGreaterThan(0);
        highest = record;
      }
    }),
  );
});

test("tokens compare as numbers, past 2^53 too", () => {
  expect(compareFencingTokens("9", "10")).toBeLessThan(0);
  expect(compareFencingTokens("9007199254740993", "9007199254740992")).toBeGreaterThan(0);
  expect(compareFencingTokens("5", "5")).toBe(0);
  expect(highestFencingToken(["9", undefined, "10", "2"])).toBe("10");
  expect(highestFencingToken([])).toBeUndefined();
});

test("P7: a token that no reader would accept is refused, not handed out", () => {
  const last = "9".repeat(38);
  const refused = expect.objectContaining({
    code: "ERR_UNSUPPORTED",
    message: expect.stringContaining(last),
  });
  expect(() => nextFencingToken(last, start)).toThrow(refused);
  expect(() => nextFencingToken(undefined, start, last)).toThrow(refused);
  expect(nextFencingToken(`${"9".repeat(37)}8`, start)).toBe(last);
  expect([undefined, "0", `${"9".repeat(37)}8`, last].map(hasNextFencingToken)).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test("only decimal strings are tokens", () => {
  for (const value of ["", "-1", "+1", "1.5", "01", "1e3", " 1", "0x1", "9".repeat(39), 1, 1n, null, ["1"]])
    expect(isFencingToken(value), String(value)).toBe(false);
  for (const value of ["0", "7", "9".repeat(38)]) expect(isFencingToken(value)).toBe(true);
  expect(() => compareFencingTokens("1", 2 as never)).toThrow(TypeError);
  expect(() => nextFencingToken("x", start)).toThrow(TypeError);
});
