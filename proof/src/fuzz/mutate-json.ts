import * as fc from "fast-check";
import type { Random } from "../harness/random.ts";

/** JSON as a tree that can be written in ways `JSON.stringify` never would: numbers as texts, keys twice, `__proto__` as a key. */
type Tree =
  | { readonly kind: "token"; text: string }
  | { readonly kind: "array"; items: Tree[] }
  | { readonly kind: "object"; members: { key: string; value: Tree }[] };

/** Values that have the right place and the wrong nature. */
const hostileTokens: readonly string[] = [
  ..."null true false 0 -1 -0 1e400 -1e400 1e-400 1.5 9007199254740993 123456789012345678901234567890 [] {} [[]] [null] [{}]".split(
    " ",
  ),
  '""',
  '" "',
  '"\\u0000"',
  '"\\ud800"',
  '"__proto__"',
  '"constructor"',
  '"../../etc"',
  '"-1"',
  '"NaN"',
  '"1e999"',
  '"2026-13-45T99:99:99Z"',
  '"0000-00-00"',
  '"+275760-09-13T00:00:00.001Z"',
  '"2026-01-01"',
  '"\\u001b[2J"',
  '"a\\nb"',
  '"ｄｏｎｅ"',
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"toString":1,"valueOf":2}',
  '{"length":-1}',
  '{"then":1}',
  '{"toJSON":"x"}',
  `"${"x".repeat(70_000)}"`,
  `${"[".repeat(400)}${"]".repeat(400)}`,
  `${"[".repeat(3_000)}${"]".repeat(3_000)}`,
];
const hostileKeys: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "",
  "id",
  "length",
  "0",
  "-1",
  "\0",
  "then",
  "\u2028",
  "k".repeat(2_000),
];

/** Changes a JSON text where it means something. Undefined where it is no JSON. */
export function mutateJson(text: string, random: Random): string | undefined {
  const holder = holderOf(text);
  if (holder === undefined) return undefined;
  for (let times = random.between(1, 3); times > 0; times -= 1) mutateOnce(holder, random);
  return written(holder, text);
}

/** How many values a JSON text has, itself among them. Undefined where it is none. */
export function valuesIn(text: string): number | undefined {
  const holder = holderOf(text);
  return holder && slotsOf(holder).length;
}

/** The text with another one in place of one of its values. */
export function withValue(text: string, value: number, token: string): string {
  const holder = holderOf(text);
  if (holder === undefined) return text;
  slotsOf(holder)[value]?.put({ kind: "token", text: token });
  return written(holder, text);
}

interface Holder {
  readonly kind: "array";
  readonly items: Tree[];
}

/** A text as the only item of a list, so that it can be replaced as a whole. */
function holderOf(text: string): Holder | undefined {
  try {
    return { kind: "array", items: [treeOf(JSON.parse(text))] };
  } catch {
    return undefined;
  }
}

function written({ items }: Holder, like: string): string {
  return items.map((each) => write(each, like.includes("\n  ") ? "  " : "")).join("\n");
}

function mutateOnce(holder: Tree, random: Random): void {
  const slots = slotsOf(holder);
  const slot = random.pick(slots);
  const way = random.between(0, 9);
  if (way <= 4) return slot.put(hostile(random));
  if (way === 5) return slot.put(copyOf(random.pick(slots).get())); // a value from elsewhere
  const values = slots.map((each) => each.get());
  const objects = values.filter((each) => each.kind === "object");
  const arrays = values.filter((each) => each.kind === "array");
  if (way === 9 && arrays.length > 0) {
    const { items } = random.pick(arrays);
    const item = items[random.between(0, Math.max(0, items.length - 1))];
    if (item !== undefined) items.push(copyOf(item)); // the same once more
    return;
  }
  if (objects.length === 0) return slot.put(hostile(random));
  const { members } = random.pick(objects);
  const member = members[random.between(0, Math.max(0, members.length - 1))];
  if (way === 6 && member !== undefined) members.splice(members.indexOf(member), 1);
  else if (way === 7 && member !== undefined) members.push({ key: member.key, value: hostile(random) }); // the key twice
  else members.push({ key: random.pick(hostileKeys), value: hostile(random) });
}

function hostile(random: Random): Tree {
  if (random.next() < 0.8) return { kind: "token", text: random.pick(hostileTokens) };
  const seed = random.between(0, 0x7fff_ffff);
  const [value] = fc.sample(fc.jsonValue({ maxDepth: 3 }), { numRuns: 1, seed });
  return treeOf(value);
}

/** As a text: nothing is put into itself. */
function copyOf(tree: Tree): Tree {
  return { kind: "token", text: write(tree, "") };
}

interface Slot {
  get(): Tree;
  put(tree: Tree): void;
}

/** Everything in it that can be replaced. */
function slotsOf(holder: Tree): Slot[] {
  const found: Slot[] = [];
  const walk = (tree: Tree): void => {
    if (tree.kind === "token") return;
    if (tree.kind === "array")
      for (const [at, item] of tree.items.entries()) {
        found.push({ get: () => tree.items[at] ?? item, put: (next) => void (tree.items[at] = next) });
        walk(item);
      }
    else
      for (const member of tree.members) {
        found.push({ get: () => member.value, put: (next) => void (member.value = next) });
        walk(member.value);
      }
  };
  walk(holder);
  return found;
}

function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { kind: "array", items: value.map(treeOf) };
  if (typeof value !== "object" || value === null)
    return { kind: "token", text: JSON.stringify(value) ?? "null" };
  return {
    kind: "object",
    members: Object.entries(value).map(([key, each]) => ({ key, value: treeOf(each) })),
  };
}

function write(tree: Tree, indent: string, depth = 0): string {
  if (tree.kind === "token") return tree.text;
  const parts =
    tree.kind === "array"
      ? tree.items.map((each) => write(each, indent, depth + 1))
      : tree.members.map(
          ({ key, value }) => `${JSON.stringify(key)}:${indent && " "}${write(value, indent, depth + 1)}`,
        );
  const [open, close] = tree.kind === "array" ? "[]" : "{}";
  if (indent === "" || parts.length === 0) return `${open}${parts.join(",")}${close}`;
  const inner = indent.repeat(depth + 1);
  return `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent.repeat(depth)}${close}`;
}
