import { describe, expect, it } from "vitest";
import { parseSelector } from "../../src/index.ts";

const labels = { team: "core", tier: "gold", cores: "8", "example.com/zone": "a", empty: "" };

describe("a label selector", () => {
  it.each([
    ["", true],
    ["  ", true],
    ["team=core", true],
    ["team==core", true],
    [" team = core , tier = gold ", true],
    ["team=other", false],
    ["absent=x", false],
    ["team!=other", true],
    ["absent!=x", true],
    ["team!=core", false],
    ["tier in (gold, silver)", true],
    ["tier in(silver)", false],
    ["absent in (x)", false],
    ["tier notin (silver)", true],
    ["tier notin (gold,silver)", false],
    ["absent notin (x)", true],
    ["team", true],
    ["absent", false],
    ["!absent", true],
    ["!team", false],
    ["cores>4", true],
    ["cores>8", false],
    ["cores < 9", true],
    ["team>4", false],
    ["absent<4", false],
    ["example.com/zone=a,!absent,tier in (gold)", true],
    ["empty=", true],
    ["empty,team=core", true],
    ["empty in (,x)", true],
    ["in=x", false],
    ["constructor", false],
  ])("%j picks: %s", (selector, picked) => {
    expect(parseSelector(selector)(labels)).toBe(picked);
  });

  it.each([
    [",", 0],
    ["team=core,", 10],
    ["team core", 5],
    ["team in gold", 8],
    ["team in (gold", 13],
    ["team=a b", 7],
    ["team=(", 5],
    ["-team", 0],
    ["a/b/c", 0],
    ["cores>many", 10],
    ["team=!", 5],
  ])("%j is refused at character %i", (selector, offset) => {
    const refusal = expect.objectContaining({ code: "ERR_SELECTOR_INVALID", selector, offset }) as Error;
    expect(() => parseSelector(selector)).toThrow(refusal);
  });

  it("may be given as labels that must all be there", () => {
    expect(parseSelector({ team: "core", tier: "gold" })(labels)).toBe(true);
    expect(parseSelector({ team: "core", tier: "tin" })(labels)).toBe(false);
    expect(() => parseSelector({ "no good": "x" })).toThrow(TypeError);
  });

  it("P10: reads a megabyte in no time that matters", () => {
    const long = Array.from({ length: 100_000 }, (_, at) => `key${at}!=v`).join(",");
    expect(parseSelector(long)(labels)).toBe(true);
    expect(() => parseSelector("a".repeat(1_000_000))).toThrow("expected a label");
    expect(() => parseSelector(" ".repeat(1_000_000) + "!")).toThrow("expected a label");
  });
});
