import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EditSyntaxError, parseEdits } from "../src/edit/parse-edit.ts";
import { applyEdits, EditError } from "../src/edit/apply-edit.ts";
import { runCli, startCli, useDirectory } from "./run-cli.ts";

const at = useDirectory();

function edited(root: unknown, expression: string): unknown {
  const holder = { root: structuredClone(root) };
  applyEdits(holder, parseEdits(expression));
  return holder.root;
}

describe("the expressions of json-edit", () => {
  it.each([
    [{ a: 1 }, ".a += 2", { a: 3 }],
    [{ a: 1 }, ".a -= 2", { a: -1 }],
    [{}, ".n += 1", { n: 1 }],
    [{ a: [1] }, ".a += [2, 3]", { a: [1, 2, 3] }],
    [{ a: "x" }, '.a += "y|z"', { a: "xy|z" }],
    [{ a: { b: 1 } }, '.a += {"c": 2}', { a: { b: 1, c: 2 } }],
    [{ a: [{ b: 1 }, { b: 2 }] }, ".a[-1].b = null", { a: [{ b: 1 }, { b: null }] }],
    [{ a: [1, 2, 3] }, "del(.a[1])", { a: [1, 3] }],
    [{ a: 1 }, "del(.b.c)", { a: 1 }],
    [{ a: 1 }, '.b.c = {"d": [1, "|"]} | .a = true', { a: true, b: { c: { d: [1, "|"] } } }],
    [{ "odd key": 1 }, '.["odd key"] = 2', { "odd key": 2 }],
    [{ a: 0 }, ".a //= 5 | .b //= 5", { a: 0, b: 5 }],
    [[1], ".[0] = 2", [2]],
    [{ a: 1 }, ". = [1]", [1]],
  ])("%j, %s", (before, expression, after) => {
    expect(edited(before, expression)).toEqual(after);
  });

  it.each([
    ".a",
    "a = 1",
    ".a = ",
    ".a = {",
    ".a = 1 |",
    ".a += 1 2",
    "del(.)",
    ".a..b = 1",
    '.["\0"] = 1',
    '.["\\x"] = 1',
    "",
  ])("%j is refused with the place", (expression) => {
    expect(() => parseEdits(expression)).toThrow(EditSyntaxError);
  });

  it.each([
    [{ a: "x" }, ".a += 1"],
    [{ a: "x" }, ".a.b = 1"],
    [{ a: [] }, ".a[3] = 1"],
    [{ a: [] }, ".a.x = 1"],
    [{ a: {} }, ".a[0] = 1"],
    [{ a: Number.MAX_SAFE_INTEGER }, ".a += 1"],
    [{}, '.["__proto__"].polluted = true'],
  ])("%j does not take %s", (before, expression) => {
    expect(() => edited(before, expression)).toThrow(EditError);
    expect("polluted" in {}).toBe(false);
  });
});

describe("flockwork json-edit and append", () => {
  it("P1: loses no edit of many, and keeps the formatting of what it does not touch", async () => {
    writeFileSync(at("f"), '{\n    "big": 12345678901234567890,\n    "count": 0\n}\n');
    const runs = Array.from({ length: 10 }, () => runCli("json-edit", at("f"), ".count += 1"));
    for (const { code } of await Promise.all(runs)) expect(code).toBe(0);
    expect(readFileSync(at("f"), "utf8")).toBe('{\n    "big": 12345678901234567890,\n    "count": 10\n}\n');
  });

  it("changes nothing, and says why, when the edit does not fit, the file is damaged or missing", async () => {
    writeFileSync(at("f"), '{"a":"x"}');
    expect(await runCli("json-edit", at("f"), ".a += 1")).toMatchObject({ code: 3 });
    expect(await runCli("json-edit", at("f"), ".a +")).toMatchObject({ code: 2 });
    expect(readFileSync(at("f"), "utf8")).toBe('{"a":"x"}');
    writeFileSync(at("g"), "{");
    expect((await runCli("json-edit", at("g"), ".a = 1")).err).toContain("ERR_DOCUMENT_CORRUPT");
    const missing = await runCli("json-edit", at("missing"), ".a = 1");
    expect([missing.code, missing.err]).toEqual([3, expect.stringContaining("--create")]);
    expect((await runCli("json-edit", "--create", at("missing"), ".a = 1")).code).toBe(0);
    expect(JSON.parse(readFileSync(at("missing"), "utf8"))).toEqual({ a: 1 });
  });

  it("appends records from arguments and from standard input, all or none", async () => {
    expect((await runCli("append", at("log"), '{"a":1}', '{"a":2}')).code).toBe(0);
    const { ended } = startCli(["append", "--json", at("log")], { input: '{"a":3}\n\n{"a":4}\n' });
    expect(JSON.parse((await ended).out)).toMatchObject({ changed: true, durability: "disk" });
    expect((await runCli("append", at("log"), '{"a":5}', "{")).code).toBe(2);
    expect(readFileSync(at("log"), "utf8")).toBe('{"a":1}\n{"a":2}\n{"a":3}\n{"a":4}\n');
  });
});
