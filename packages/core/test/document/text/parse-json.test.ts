import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { faultOffset } from "../../../src/document/text/json-fault.ts";
import { parseJson } from "../../../src/document/text/json-source.ts";

const limits = { maxDepth: 512, integers: "number" } as const;

function parse(input: string | Buffer): unknown {
  return parseJson("doc.json", Buffer.from(input as string), limits).value;
}

describe("P10: bytes that are not JSON are refused, with the place of the fault", () => {
  test.each<[string, string | Buffer, string]>([
    ["an empty file", "", "it is empty"],
    ["white space only", " \n ", "the text ends too early at line 2, column 2"],
    ["a torn file", '{\n  "a": [1, 2', "the text ends too early at line 2, column 13"],
    ["a trailing comma", '{\n  "a": 1,\n}', "this is not JSON at line 3, column 1"],
    ["two values", "{}\n{}", "this is not JSON at line 2, column 1"],
    ["a merge conflict", '{\n<<<<<<< HEAD\n"a":1\n}', "this is not JSON at line 2, column 1"],
    ["a run of NULs", `{"a":1}\n${"\0".repeat(8)}`, "there is a NUL byte at line 2, column 1"],
    ["a NUL in a string", '{"a":"\0"}', "there is a NUL byte at line 1, column 7"],
    [
      "bytes that are not UTF-8",
      Buffer.from([0x7b, 0x0a, 0x22, 0xff, 0x22]),
      "it is not UTF-8 (near line 2, column 2)",
    ],
    ["half a character", Buffer.from('{"a":"é').subarray(0, -1), "it is not UTF-8"],
    ["two byte order marks", "\uFEFF\uFEFF{}", "this is not JSON at line 1, column 1"],
    ["UTF-16", Buffer.from('{"a":1}', "utf16le"), "there is a NUL byte at line 1, column 2"],
  ])("%s", (_name, input, why) => {
    const error = expect.objectContaining({
      code: "ERR_DOCUMENT_CORRUPT",
      message: expect.stringContaining(why),
    });
    expect(() => parse(input)).toThrow(error);
  });

  test.each(['{"__proto__":{"admin":true}}', '[{"\\u005f_proto__":1}]', '{"a":{"__prot\\u006f__":[]}}'])(
    "an own __proto__ key is refused however it is spelled: %s",
    (text) => {
      expect(() => parse(text)).toThrow(expect.objectContaining({ code: "ERR_DOCUMENT_INVALID" }));
      expect(({} as { admin?: unknown }).admin).toBeUndefined();
    },
  );

  test("keys named constructor and prototype are ordinary keys", () => {
    expect(parse('{"constructor":{"prototype":{"admin":true}}}')).toEqual({
      constructor: { prototype: { admin: true } },
    });
  });

  test("the place of the fault is known exactly when JSON.parse refuses the text", () => {
    const pieces = fc.constantFrom(
      ...Array.from('{}[]:,"\\tfn-+.eE019 \n\u0001ué'),
      "true",
      "null",
      '"a"',
      "1.5e+3",
      "\\u00e9",
      '{"k":',
      "[1,",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(pieces, { maxLength: 12 }).map((all) => all.join("")),
          fc.json(),
        ),
        (text) => {
          const offset = faultOffset(text);
          expect(offset === undefined).toBe(accepts(text));
          // What comes before the fault can still be continued to JSON, so a fault is never reported too late.
          if (offset !== undefined) expect(offset).toBeLessThanOrEqual(text.length);
        },
      ),
      { numRuns: 20_000 },
    );
  });
});

test("P10: deep nesting around a long integer does not overflow the stack of the exact reader", () => {
  const text = `${"[".repeat(100_000)}12345678901234567890${"]".repeat(100_000)}`;
  expect(() => parseJson("doc.json", Buffer.from(text), { maxDepth: 512, integers: "bigint" })).toThrow(
    expect.objectContaining({ code: "ERR_TOO_LARGE" }),
  );
});

describe("what is read", () => {
  test("one byte order mark is tolerated and remembered", () => {
    expect(parseJson("doc.json", Buffer.from('\uFEFF{"a":1}'), limits)).toMatchObject({
      marked: true,
      value: { a: 1 },
    });
  });

  test("the value is frozen all through", () => {
    const value = parse('{"a":[{"b":{}}]}') as { a: [{ b: object }] };
    expect([value, value.a, value.a[0], value.a[0].b].every((part) => Object.isFrozen(part))).toBe(true);
  });

  test('integers: "bigint" reads integers past 2^53 exactly, and nothing else differently', () => {
    const text = '[9007199254740993,-9007199254740993,9007199254740991,1e20,1.5,"9007199254740993"]';
    expect(parseJson("doc.json", Buffer.from(text), { maxDepth: 512, integers: "bigint" }).value).toEqual([
      9007199254740993n,
      -9007199254740993n,
      9007199254740991,
      1e20,
      1.5,
      "9007199254740993",
    ]);
  });
});

function accepts(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
