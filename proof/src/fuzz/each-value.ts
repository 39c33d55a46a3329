/** Each value of each file in turn gives way to each odd one: what a single field can do wrong is found without luck. */
import type { FuzzCase, Files } from "./fuzz-case.ts";
import { valuesIn, withValue } from "./mutate-json.ts";

/** Of every kind that a reader may stumble over, one. */
const oddTokens: readonly string[] = [
  "null",
  "-1",
  "1.5",
  "-1e308",
  "1e400",
  '""',
  '"__proto__"',
  '"constructor"',
  '"9999-12-31T23:30:00-05:00"',
  `"${"9".repeat(38)}"`,
  "[]",
  "{}",
  "[null]",
  '{"toString":1,"valueOf":2}',
];

/** One value of a file, and what stands in its place. */
export interface Replacement {
  readonly mutated: string;
  /** Of a file of lines. Undefined: the file is one text. */
  readonly line: number | undefined;
  readonly value: number;
  readonly token: string;
}

/** All there are of these files. */
export function replacementsIn(files: Files, paths: readonly string[]): readonly Replacement[] {
  return paths.flatMap((mutated) =>
    textsOf(files.get(mutated)).flatMap(({ line, text }) =>
      Array.from({ length: valuesIn(text) ?? 0 }, (_, value) =>
        oddTokens.map((token): Replacement => ({ mutated, line, value, token })),
      ).flat(),
    ),
  );
}

export function replaced(files: Files, { mutated, line, value, token }: Replacement): FuzzCase {
  const texts = textsOf(files.get(mutated));
  const text = texts
    .map((each) => (each.line === line ? withValue(each.text, value, token) : each.text))
    .join("\n");
  return { files: new Map(files).set(mutated, Buffer.from(text)), mutated };
}

/** A file as one JSON text, or as its lines. */
function textsOf(
  bytes: Buffer | undefined,
): readonly { readonly line: number | undefined; readonly text: string }[] {
  const text = bytes?.toString() ?? "";
  if (valuesIn(text) !== undefined) return [{ line: undefined, text }];
  return text.split("\n").map((each, line) => ({ line, text: each }));
}
