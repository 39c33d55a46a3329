import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { draftOf } from "../../../src/document/text/draft.ts";
import { emitJson } from "../../../src/document/text/emit-json.ts";
import { parseJson, type IntegerMode, type JsonSource } from "../../../src/document/text/json-source.ts";
import { settleValue, type Partners } from "../../../src/document/text/settle-value.ts";

const maxDepth = 512;

function parse(text: string, integers: IntegerMode = "number"): JsonSource {
  return parseJson("doc.json", Buffer.from(text), { maxDepth, integers });
}

/** What a document of this text becomes when the recipe runs on it. */
// oxlint-disable-next-line typescript/no-explicit-any -- recipes of tests change values of any shape
function change(text: string, recipe: (draft: any) => unknown, integers: IntegerMode = "number"): string {
  const source = parse(text, integers);
  const draft = draftOf("doc.json", source.value, maxDepth, source.canonical === false);
  const { next, origins } = draft.finish(recipe(draft.root));
  return rewrite(source, next, origins);
}

/** What a document of this text becomes when it is written over with this value. */
function rewrite(source: JsonSource, next: unknown, origins?: Parameters<typeof settleValue>[3]): string {
  const partners: Partners = new Map();
  const { value } = settleValue(
    { path: "doc.json", maxDepth, source, partners },
    next,
    source.value,
    origins,
  );
  const { text } = emitJson("doc.json", source, value, partners);
  expect(parse(text, "bigint").value).toEqual(settledAgain(value, text));
  return text;
}

/** The settled value, with the integers JavaScript rounded put back as the text spells them. */
function settledAgain(value: unknown, text: string): unknown {
  const exact = parse(text, "bigint").value;
  const merge = (a: unknown, b: unknown): unknown => {
    if (typeof b === "bigint") return typeof a === "number" ? (Number(b) === a ? b : a) : a;
    if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return a === 0 ? b : a;
    if (Array.isArray(a)) return a.map((item, index) => merge(item, (b as unknown[])[index]));
    return Object.fromEntries(
      Object.entries(a).map(([k, v]) => [k, merge(v, (b as Record<string, unknown>)[k])]),
    );
  };
  return merge(value, exact);
}

describe("untouched members keep their bytes", () => {
  const odd = `{
    "10": 1.0, "2" : 1e400 ,
\t"id": 12345678901234567890,  "text":"\\u003cb\\u003e \\/ é",
    "dup": 1, "dup": {"a":[ 1,2 ,3]},
    "1": -0, "e": 1E+2
}\r\n`;

  test("D6: changing one member changes only its value", () => {
    expect(change(odd, (d) => void (d.dup.a[1] = 7))).toBe(odd.replace("1,2 ,3", "1,7 ,3"));
    expect(change(odd, (d) => void (d.text = "x"))).toBe(odd.replace(/"text":".*"/, '"text":"x"'));
    expect(change(odd, (d) => void (d.dup.b = null))).toBe(odd.replace("1,2 ,3]", '1,2 ,3], "b":null'));
  });

  test("a change that is taken back leaves the bytes", () => {
    expect(change(odd, (d) => void ((d.text = "x"), (d.text = "<b> / é")))).toBe(odd);
    expect(rewrite(parse(odd), JSON.parse(odd))).toBe(odd);
  });

  test("members appear and go with the commas and the white space of their neighbours", () => {
    const text = '{\n  "a": 1.0,\n  "b": { "x": 1, "y": 2 },\n  "c": []\n}\n';
    expect(change(text, (d) => void delete d.c)).toBe('{\n  "a": 1.0,\n  "b": { "x": 1, "y": 2 }\n}\n');
    expect(change(text, (d) => void delete d.a)).toBe('{\n  "b": { "x": 1, "y": 2 },\n  "c": []\n}\n');
    expect(change(text, (d) => void delete d.b.x)).toBe(text.replace('"x": 1, ', ""));
    expect(change(text, (d) => void d.c.push({ z: [1] }))).toBe(
      text.replace("[]", '[\n    {\n      "z": [\n        1\n      ]\n    }\n  ]'),
    );
    expect(change(text, (d) => void (d.b.z = [1, { q: 2 }]))).toBe(
      text.replace('"y": 2', '"y": 2, "z": [1, {"q": 2}]'.replace('{"q": 2}', '{"q": 2}')),
    );
    expect(change(text, () => ({}))).toBe("{}\n");
  });

  test("new values take the document's own hand: tabs, CRLF, compact, with or without a final newline", () => {
    expect(change('{\r\n\t"a": 1.0\r\n}', (d) => void (d.b = { c: 1 }))).toBe(
      '{\r\n\t"a": 1.0,\r\n\t"b": {\r\n\t\t"c": 1\r\n\t}\r\n}',
    );
    expect(change('{"a":1.0}', (d) => void (d.b = { c: [1, 2] }))).toBe('{"a":1.0,"b":{"c":[1,2]}}');
    expect(change('{\n "a": 1\n}', (d) => void (d.b = 2))).toBe('{\n "a": 1,\n "b": 2\n}');
    expect(change("{}\n", (d) => void (d.b = 2))).toBe('{\n  "b": 2\n}\n');
  });

  test("an item that moved, between lists and changed on its way, keeps its own digits", () => {
    const text = '{"todo":[{"id":1152921504606846977,"s":"a"},{"id":1152921504606846979,"s":"b"}],"done":[]}';
    expect(
      change(text, (d) => {
        d.todo.shift();
        d.todo[0].s = "c";
      }),
    ).toBe('{"todo":[{"id":1152921504606846979,"s":"c"}],"done":[]}');
    expect(
      change(text, (d) => {
        const item = d.todo.pop();
        item.s = "c";
        d.done.push(item);
        d.todo.push({ id: 3, s: "new" });
      }),
    ).toBe(
      '{"todo":[{"id":1152921504606846977,"s":"a"},{"id":3,"s":"new"}],"done":[{"id":1152921504606846979,"s":"c"}]}',
    );
    expect(change(text, (d) => void (d.done = [d.todo[1]]))).toBe(
      text.replace("[]", '[{"id":1152921504606846979,"s":"b"}]'),
    );
    expect(change(text, (d) => void d.todo.reverse())).toBe(
      '{"todo":[{"id":1152921504606846979,"s":"b"},{"id":1152921504606846977,"s":"a"}],"done":[]}',
    );
  });

  test("numbers JavaScript rounds are refused where their digits cannot be told any more", () => {
    const text = "[1152921504606846977,1152921504606846979,5]";
    expect(change(text, (d) => void (d[2] = 6))).toBe("[1152921504606846977,1152921504606846979,6]");
    expect(() => change(text, (d) => void d.shift())).toThrow(
      expect.objectContaining({ code: "ERR_DOCUMENT_INVALID" }),
    );
    expect(change(text, (d) => void d.shift(), "bigint")).toBe("[1152921504606846979,5]");
    const refused = expect.objectContaining({ code: "ERR_DOCUMENT_INVALID" });
    const items = '[{"id":1152921504606846977},{"id":1152921504606846979,"s":1}]';
    expect(() => rewrite(parse(items), [{ id: 2 ** 60 }])).toThrow(refused);
    const replaceFirst = (d: { id: number; s?: number }[]): void => {
      d.shift();
      Object.assign(d[0] ?? {}, { s: 2 });
      d.push({ id: 2 ** 60 }); // Not the number of the item that stood here, though it rounds to the same.
    };
    expect(() => change(items, replaceFirst)).toThrow(refused);
    expect(change("[1e400,1]", (d) => void d.push(2))).toBe("[1e400,1,2]");
  });

  test("a BigInt is written as an integer, whatever reads it", () => {
    expect(change('{\n  "a": 1\n}\n', (d) => void (d.b = 2n ** 70n))).toBe(
      '{\n  "a": 1,\n  "b": 1180591620717411303424\n}\n',
    );
    expect(change('{"a":5}', (d) => void (d.a = 7n))).toBe('{"a":7}');
  });
});

describe("values JSON cannot hold", () => {
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  test.each([
    ["NaN", NaN],
    ["Infinity", Infinity],
    ["an unsafe integer", 2 ** 53],
    ["a function", () => 1],
    ["a symbol", Symbol("s")],
    ["undefined in an array", [undefined]],
    ["a hole in an array", Array.from({ length: 1 }).concat([1])],
    ["an invalid Date", new Date(NaN)],
    ["a Map", new Map()],
    ["an instance", new (class Task {})()],
    ["a cycle", cyclic],
    ["an own __proto__ key", JSON.parse('{"__proto__":{"admin":true}}')],
    ["a prototype set by a key", Object.setPrototypeOf({}, { admin: true })],
  ])("%s is refused with its path", (_name, value) => {
    const attempt = (): unknown => change('{"a":{"b":1}}', (d) => void (d.a.c = value));
    expect(attempt).toThrow(
      expect.objectContaining({
        code: "ERR_DOCUMENT_INVALID",
        issues: [expect.objectContaining({ path: expect.arrayContaining(["a", "c"]) })],
      }),
    );
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  test("undefined members are dropped, dates become text, and the caller's objects stay as they were", () => {
    const mine = { gone: undefined, at: new Date(0), list: [{ n: -0 }] };
    expect(change('{"a":1}', (d) => void (d.b = mine))).toBe(
      '{"a":1,"b":{"at":"1970-01-01T00:00:00.000Z","list":[{"n":0}]}}',
    );
    expect(Object.isFrozen(mine) || Object.isFrozen(mine.list[0])).toBe(false);
  });

  test("P10: no depth overflows the stack", () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    const tooLarge = expect.objectContaining({ code: "ERR_TOO_LARGE" });
    expect(() => change('{"a":1}', (d) => void (d.a = deep))).toThrow(tooLarge);
    expect(() => change('{"a":1.0}', (d) => void (d.b = deep))).toThrow(tooLarge);
    expect(() => parse("[".repeat(5_000_000))).toThrow(tooLarge);
    expect(() => parse(`${"[".repeat(513)}${"]".repeat(513)}`)).toThrow(tooLarge);
    expect(() => change(`{"a":${"[".repeat(511)}1.0${"]".repeat(511)}}`, (d) => ({ up: d }))).toThrow(
      tooLarge,
    );
  });
});

describe("for any JSON in any format", () => {
  const blanks = fc.constantFrom("", "", " ", "\n", "\t", "\r\n  ", "\n    ");
  const spelledNumber = fc.constantFrom(
    "0",
    "-0",
    "1.0",
    "1e400",
    "12345678901234567890",
    "-7",
    "1E-3",
    "9007199254740993",
  );
  const spelledString = fc.oneof(
    fc.string().map((text) => JSON.stringify(text)),
    fc.constantFrom('"\\u003c"', '"\\/"', '"\\ud800"', '"é"', '"\\\\"', '"\\""'),
  );
  const { value: anyText } = fc.letrec<{ value: string; list: string; record: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom("null", "true", "false"),
      spelledNumber,
      spelledString,
      tie("list"),
      tie("record"),
    ),
    list: fc
      .tuple(fc.array(fc.tuple(blanks, tie("value"), blanks), { maxLength: 5 }), blanks)
      .map(([items, inner]) =>
        items.length === 0 ? `[${inner}]` : `[${items.map((parts) => parts.join("")).join(",")}]`,
      ),
    record: fc
      .tuple(
        fc.array(
          fc.tuple(
            blanks,
            fc.constantFrom('"a"', '"\\u0062"', '"b"', '"10"', '"2"', '"long key"'),
            blanks,
            blanks,
            tie("value"),
            blanks,
          ),
          { maxLength: 5 },
        ),
        blanks,
      )
      .map(([members, inner]) =>
        members.length === 0
          ? `{${inner}}`
          : `{${members.map(([b1, key, b2, b3, value, b4]) => `${b1}${key}${b2}:${b3}${value}${b4}`).join(",")}}`,
      ),
  }));
  /** Without integers past 2^53 and `__proto__` keys, which are refused on purpose, and without -0, which is written 0. */
  const anyValue = fc
    .jsonValue()
    .map((value): unknown => JSON.parse(JSON.stringify(value), (_key, member: unknown) => tame(member)));
  const anyDocument = fc.tuple(blanks, anyText, blanks).map((parts) => parts.join(""));

  test("D6: a change of nothing gives the same bytes", () => {
    fc.assert(
      fc.property(anyDocument, (text) => {
        expect(change(text, () => undefined)).toBe(text);
        expect(rewrite(parse(text), JSON.parse(text))).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  test("D6: changing one member changes only its bytes, and the text reads back as the new value", () => {
    fc.assert(
      fc.property(anyText, anyText, blanks, anyValue, (before, after, blank, value) => {
        const [head, tail] = [`{"p":${before},${blank}"it":${blank}`, `${blank},"q":${after}}`];
        const changed = change(`${head}"old"${tail}`, (d) => void (d.it = value));
        expect(changed.startsWith(head)).toBe(true);
        expect(changed.endsWith(tail)).toBe(true);
        expect(JSON.parse(changed.slice(head.length, changed.length - tail.length))).toEqual(value);
      }),
      { numRuns: 1_000 },
    );
  });

  test("0 over -0 is no change: it keeps its spelling", () => {
    expect(rewrite(parse("-0"), 0)).toBe("-0");
    expect(change('{"a":-0, "b":[-0]}', (d) => Object.assign(d, { a: 0, b: [0] }))).toBe(
      '{"a":-0, "b":[-0]}',
    );
  });

  test("any value written over any other reads back as itself", () => {
    fc.assert(
      fc.property(anyDocument, anyValue, (text, value) => {
        expect(withoutNegativeZero(parse(rewrite(parse(text), value)).value)).toEqual(value);
      }),
      { numRuns: 2_000, examples: [["-0", 0]] },
    );
  });

  test("any edit of a list reads back as the edited list", () => {
    const edits = fc.array(
      fc.tuple(fc.constantFrom("splice", "swap", "copy", "set", "mark"), fc.nat(6), fc.nat(6)),
      { maxLength: 6 },
    );
    const items = fc.array(fc.oneof(fc.nat(9).map(String), anyRecord()), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(items, edits, blanks, (texts, steps, blank) => {
        const text = `{"list":[${texts.join(`,${blank}`)}],${blank}"odd":1.0}`;
        const edit = (d: { list: unknown[] }): void =>
          steps.forEach(([step, a, b]) => applyStep(d.list, step, a, b));
        const expected = JSON.parse(text) as { list: unknown[] };
        edit(expected);
        expect(JSON.parse(change(text, edit))).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
      { numRuns: 2_000 },
    );
  });

  function anyRecord(): fc.Arbitrary<string> {
    return fc.tuple(fc.nat(3), fc.nat(3)).map(([id, n]) => `{"id": ${id}.0, "n":[${n}, 1.50],"s":"\\u003c"}`);
  }
});

function applyStep(list: unknown[], step: string, a: number, b: number): void {
  const item = list[a];
  if (step === "splice") list.splice(a, 1, ...(b % 2 === 0 ? [] : [{ fresh: b }, b]));
  else if (step === "set") list[Math.min(a, list.length)] = { n: b };
  else if (step === "mark" && typeof item === "object" && item !== null) Object.assign(item, { marked: b });
  else if (step === "copy" && item !== undefined) list.splice(b, 0, item);
  else if (step === "swap" && a < list.length && b < list.length) [list[a], list[b]] = [list[b], list[a]];
}

/** -0 and 0 are one number: writing 0 over -0 changes nothing, so it stays spelled -0. */
function withoutNegativeZero(value: unknown): unknown {
  if (value === 0) return 0;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutNegativeZero(member)]));
}

function tame(value: unknown): unknown {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value) ? 1 : value;
  if (typeof value === "object" && value !== null && Object.hasOwn(value, "__proto__")) return "tamed";
  return value;
}
