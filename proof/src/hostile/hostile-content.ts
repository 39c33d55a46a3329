/** Bytes that are not what they should be (P10). Refused: typed error, bytes untouched. Kept: read, and byte for byte preserved. */
export interface HostileContent {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const text = (name: string, content: string): HostileContent => ({ name, bytes: Buffer.from(content) });
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

export const refusedDocuments: readonly HostileContent[] = [
  text("an object with the key __proto__", '{"__proto__": {"polluted": true}, "a": 1}\n'),
  text("an object with the key __proto__ deep inside", '{"a": [{"\\u005f_proto__": {"polluted": true}}]}'),
  text("empty", ""),
  text("blank", " \n"),
  text("cut short", '{"a": [1, 2'),
  text("garbage after the value", '{"a": 1} x'),
  text("two values", '{"a": 1}\n{"b": 2}\n'),
  text("single quotes", "{'a': 1}"),
  text("a trailing comma", '{"a": 1,}'),
  text("NaN", '{"a": NaN}'),
  text("a raw newline in a string", '{"a": "x\ny"}'),
  text("NUL bytes", '{"a": 1}\0\0\0\0'),
  text("all NUL", "\0".repeat(64)),
  text("nested a million deep", nested(1_000_000)),
  text("nested 513 deep", nested(513)),
  text("an open string of a megabyte", `"${"\\".repeat(1_000_001)}`),
  { name: "invalid UTF-8", bytes: Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]) },
  { name: "half a character", bytes: Buffer.from([0x22, 0xe2, 0x82, 0x22]) },
  { name: "UTF-16", bytes: Buffer.from('{"a": 1}', "utf16le") },
  { name: "an overlong slash", bytes: Buffer.from([0x22, 0xc0, 0xaf, 0x22]) },
];

export const keptDocuments: readonly HostileContent[] = [
  text("the key constructor", '{"constructor": {"prototype": {"polluted": true}}}\n'),
  text("a byte order mark", '\uFEFF{"a": 1}\n'),
  text("CRLF and tabs", '{\r\n\t"a": 1,\r\n\t"b": [1, 2]\r\n}\r\n'),
  text("no newline at the end", '{"a": 1}'),
  text("integers past 2^53", '{"a": 9007199254740993, "b": 123456789012345678901234567890}\n'),
  text("numbers of every spelling", '{"a": 1.0, "b": 1e400, "c": -0, "d": 1E+2, "e": 0.1e-7}\n'),
  text("escapes", '{"\\u0061": "\\u00e9\\/\\ud83d\\ude00", "é": "\\u2028 \u2028"}\n'),
  text("half a surrogate pair, escaped", '{"a": "\\ud800"}\n'),
  text("equal keys", '{"a": 1, "a": 2}\n'),
  text("empty and odd keys", '{"": 0, " ": 1, "toString": 2, "hasOwnProperty": 3, "0": 4}\n'),
  text("nested 500 deep", nested(500)),
];

/** Damaged in the middle of a log: everything before and after it is sound. */
export const refusedLines: readonly HostileContent[] = [
  text("not JSON", "not json"),
  text("a line cut short", '{"a": 1'),
  text("NUL bytes", "\0\0\0\0"),
  text("two values in a line", '{"a":1}{"b":2}'),
  text("nested a million deep", nested(1_000_000)),
  { name: "invalid UTF-8", bytes: Buffer.from([0x22, 0xff, 0x22]) },
];

/** Limits hold whatever a reader is asked to pass over. */
export const refusedAlways: readonly HostileContent[] = [
  { name: "a line beyond 16 MiB", bytes: Buffer.alloc(16 * 1024 * 1024 + 8, 0x31) },
];
