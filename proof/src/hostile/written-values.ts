/** P10: values that JSON cannot hold are refused, those it can are kept, and nothing is written that could not be read again. */
import { deepEqual, equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { jsonDocument, jsonlLog, TooLargeError, updateJson } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { inDirectory } from "./documents-and-logs.ts";
import { hostileValues, keptValues, type KeptValue } from "./hostile-values.ts";
import { refuses } from "./refusal.ts";

export async function values({ tally }: PartContext): Promise<void> {
  for (const { name, make } of hostileValues) {
    await inDirectory(Buffer.from('{"a": 1}\n'), async (directory, path) => {
      await tally.check(`a document refuses ${name}`, () =>
        refuses(directory, () =>
          updateJson<Record<string, unknown>>(path, (draft) => void (draft["b"] = make())),
        ),
      );
      await tally.check(`a document refuses ${name} as its value`, () =>
        refuses(directory, () => jsonDocument(path).write(make())),
      );
      await tally.check(`a log refuses ${name}`, () =>
        refuses(directory, () => jsonlLog(path).append({ b: make() })),
      );
    });
  }
  for (const kept of keptValues) await keeps(tally, kept);
  await limits(tally);
}

async function keeps(tally: PartContext["tally"], { name, make, text, reads }: KeptValue): Promise<void> {
  await inDirectory(Buffer.from('{"a":1}\n'), (_, path) =>
    tally.check(`${name} in a document is written as JSON has it, and read again`, async () => {
      await updateJson<Record<string, unknown>>(path, (draft) => void (draft["b"] = make()));
      equal(readFileSync(path, "utf8"), `{"a":1,"b":${text}}\n`);
      deepEqual(await jsonDocument(path).read(), { a: 1, b: reads });
    }),
  );
  await inDirectory(Buffer.from('{"a":1}\n'), (_, path) =>
    tally.check(`${name} in a log is written as JSON has it, and read again`, async () => {
      await jsonlLog(path).append({ b: make() });
      equal(readFileSync(path, "utf8"), `{"a":1}\n{"b":${text}}\n`);
      deepEqual(await jsonlLog(path).read(), [{ a: 1 }, { b: reads }]);
    }),
  );
}

/** What would be refused when it is read is not written. */
async function limits(tally: PartContext["tally"]): Promise<void> {
  const isTooLarge = (error: unknown): boolean => error instanceof TooLargeError;
  const long = "x".repeat(100);
  await inDirectory(Buffer.from('{"a":1}\n'), async (directory, path) => {
    const document = jsonDocument<Record<string, unknown>>(path, { maxBytes: 100 });
    const log = jsonlLog(path, { maxLineBytes: 100 });
    const calls: readonly (readonly [string, () => unknown])[] = [
      ["a document refuses to become larger than it may be", () => document.update(withLong)],
      ["a document refuses to become larger than it may be, at once", () => document.updateSync(withLong)],
      ["a document refuses to be replaced by one that is larger", () => document.write({ long })],
      ["a log refuses a line that is longer than it may be", () => log.append({ long })],
      ["a log refuses such a line among others", () => log.appendMany([1, { long }, 2])],
    ];
    for (const [what, run] of calls) await tally.check(what, () => refuses(directory, run, isTooLarge));
    function withLong(draft: Record<string, unknown>): void {
      draft["long"] = long;
    }
  });
}
