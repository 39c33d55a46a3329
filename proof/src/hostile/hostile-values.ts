/** Values that JSON cannot hold, or would change in silence. */
export interface HostileValue {
  readonly name: string;
  readonly make: () => unknown;
}

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

export const hostileValues: readonly HostileValue[] = [
  { name: "NaN", make: () => Number.NaN },
  { name: "Infinity", make: () => Number.POSITIVE_INFINITY },
  { name: "a function", make: () => () => 1 },
  { name: "a symbol", make: () => Symbol("s") },
  { name: "an integer that is not exact", make: () => 2 ** 53 + 2 },
  { name: "nesting 10,000 deep", make: () => deep(10_000) },
  {
    name: "a circle",
    make: () => {
      const circle: unknown[] = [];
      circle.push(circle);
      return circle;
    },
  },
  { name: "a Map", make: () => new Map([["a", 1]]) },
  { name: "a Set", make: () => new Set([1]) },
  { name: "a typed array", make: () => new Uint8Array([1]) },
  { name: "a regular expression", make: () => /x/ },
  { name: "an error", make: () => new Error("x") },
  { name: "a promise", make: () => Promise.resolve(1) },
  { name: "undefined in an array", make: () => [undefined] },
  { name: "a hole in an array", make: () => Object.assign([], { 1: 1 }) },
  {
    name: "a key __proto__ of its own",
    make: () => JSON.parse('{"__proto__":{"polluted":true}}') as unknown,
  },
];

/** Values that JSON holds, though it is often thought not to: what is written of them, and what is read again. */
export interface KeptValue extends HostileValue {
  readonly text: string;
  readonly reads: unknown;
}

export const keptValues: readonly KeptValue[] = [
  { name: "half a surrogate pair", make: () => "\uD800", text: '"\\ud800"', reads: "\uD800" },
  { name: "the other half of one", make: () => ["a\uDC00"], text: '["a\\udc00"]', reads: ["a\uDC00"] },
  {
    name: "half of one as a key",
    make: () => ({ "\uD800": 1 }),
    text: '{"\\ud800":1}',
    reads: { "\uD800": 1 },
  },
  { name: "a zero that is less than 0", make: () => -0, text: "0", reads: 0 },
];
