import type { Random } from "../harness/random.ts";

/** What parsers stumble over. */
const morsels: readonly Buffer[] = [
  "",
  "\0",
  "\0".repeat(64),
  "\n",
  "\r\n",
  "\u2028",
  "\uFEFF",
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "null",
  "-0",
  "1e400",
  "9007199254740993",
  '{"__proto__":{"polluted":1}}',
  "\\ud800",
  "---\n",
  "<<<<<<< ours\n",
  "=======\n",
  ">>>>>>> theirs\n",
  ..."../../x|%s|${x}|\u001b[2J".split("|"),
  "[".repeat(5_000),
  '{"a":'.repeat(2_000),
  "9".repeat(400),
].map((text) => Buffer.from(text));
const invalidUtf8: readonly Buffer[] = [
  Buffer.of(0xff),
  Buffer.of(0xc3),
  Buffer.of(0xed, 0xa0, 0x80),
  Buffer.of(0xf0, 0x9f),
];

/** A few changes that know nothing of what the bytes mean. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  let mutated = bytes;
  for (let times = random.between(1, 3); times > 0; times -= 1)
    mutated = random.pick(mutations)(mutated, random);
  return mutated;
}

const mutations: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  (bytes, random) => insert(bytes, random, random.pick(morsels)),
  (bytes, random) => insert(bytes, random, random.pick(invalidUtf8)),
  (bytes, random) => insert(bytes, random, sliceOf(bytes, random)),
  (bytes, random) => bytes.subarray(0, random.between(0, bytes.length)),
  (bytes, random) => bytes.subarray(random.between(0, bytes.length)),
  (bytes, random) => cut(bytes, random),
  (bytes, random) => flip(bytes, random),
  (bytes, random) => flip(bytes, random),
  (bytes, random) => Buffer.concat([bytes, Buffer.alloc(random.pick([1, 512, 4096]))]),
  (bytes, random) => replaceLine(bytes, random),
  (bytes) => Buffer.from(bytes.toString("latin1").replaceAll("\n", "\r\n"), "latin1"),
];

function insert(bytes: Buffer, random: Random, morsel: Buffer): Buffer {
  const at = random.between(0, bytes.length);
  return Buffer.concat([bytes.subarray(0, at), morsel, bytes.subarray(at)]);
}

function sliceOf(bytes: Buffer, random: Random): Buffer {
  const from = random.between(0, bytes.length);
  return bytes.subarray(from, from + random.between(0, 200));
}

function cut(bytes: Buffer, random: Random): Buffer {
  const from = random.between(0, bytes.length);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + random.between(1, 60))]);
}

function flip(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return bytes;
  const flipped = Buffer.from(bytes);
  const at = random.between(0, bytes.length - 1);
  flipped[at] =
    random.next() < 0.5 ? (flipped[at] ?? 0) ^ (1 << random.between(0, 7)) : random.between(0, 255);
  return flipped;
}

/** Lines are doubled, dropped, swapped. */
function replaceLine(bytes: Buffer, random: Random): Buffer {
  const lines = bytes.toString("latin1").split("\n");
  const [one, other] = [random.between(0, lines.length - 1), random.between(0, lines.length - 1)];
  const line = lines[one] ?? "";
  const way = random.between(0, 2);
  if (way === 0) lines.splice(other, 0, line);
  else if (way === 1) lines.splice(one, 1);
  else lines.splice(other, 1, line);
  return Buffer.from(lines.join("\n"), "latin1");
}
