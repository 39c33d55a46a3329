/** Whatever is given as an id, nothing outside the place is touched, no prototype is changed, and what is no string is refused. */
import { deepEqual, ok } from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PartContext } from "../harness/part.ts";
import { pollution } from "../harness/pollution.ts";
import { onFastDisk } from "../states/states.ts";
import { idCalls, type IdCall } from "./id-calls.ts";
import { isMisuse } from "./refusal.ts";
import { differences, treeDigest } from "./tree-digest.ts";

/** Where the calls may write, below the directory that is looked at. */
const placeIn = join("one", "two", "three", "place");

/**
 * Some of these are ids like any other: then they are kept as they are.
 * @param root - All of it is looked at, so that whatever goes through an absolute id is seen.
 */
const stringsFor = (root: string): readonly string[] => [
  "../escape",
  "../../escape",
  "../../../escape",
  "../../../../escape",
  "../place-evil",
  "..",
  ".",
  "a/../../escape",
  join(root, "absolute"),
  join(root, "one", "absolute.json"),
  "..\\..\\escape",
  "%2e%2e/escape",
  "a\0b",
  "a\nb",
  "",
  " ",
  "__proto__",
  "__proto__.polluted",
  "constructor",
  "constructor.prototype.polluted",
  "prototype",
  "toString",
  "hasOwnProperty",
  "con",
  "nul.json",
  "a.",
  "a.lock",
  ".a.0123456789abcdef0123456789abcdef.staged",
  "~",
  "-rf",
  "*",
  "\u001B[2Jcleared",
  "\uD800",
  "\u202Eexe.txt",
  "e\u0301",
  "n".repeat(300),
  "n".repeat(100_000),
];

/** A check that looks at their text only would take some of these for strings: tmp's third hole was an array. */
const noStrings: readonly (readonly [string, unknown])[] = [
  ["an array", ["../escape"]],
  ["an array of a name", ["name"]],
  ["an empty array", []],
  ["an object with toString", { toString: () => "../escape" }],
  ["an object that says a name", { toString: () => "name" }],
  ["a Buffer", Buffer.from("../escape")],
  ["a String object", Object("../escape")],
  ["an object with __proto__", JSON.parse('{"__proto__":{"polluted":true}}')],
  ["null", null],
  ["NaN", Number.NaN],
  ["a function", () => "../escape"],
  ["a symbol", Symbol("../escape")],
  ["true", true],
];

export async function hostileIds(
  { tally, say }: PartContext,
  calls: readonly IdCall[] = idCalls,
): Promise<void> {
  for (const call of calls) {
    await onFastDisk(async (root) => {
      const place = join(root, placeIn);
      mkdirSync(place, { recursive: true });
      writeFileSync(join(root, "victim"), "must stay");
      const use = async (id: unknown): Promise<{ readonly error: unknown } | undefined> => {
        try {
          await call.run(place, id as string);
          return undefined;
        } catch (error) {
          return { error };
        }
      };
      /** What lies around the place. */
      const around = (): ReadonlyMap<string, string> => treeDigest(root, placeIn);
      const before = around();
      await tally.check(`ids of strings stay in their place: ${call.name}`, async () => {
        for (const id of stringsFor(root)) {
          const refused = await use(id);
          const shown = JSON.stringify(id).slice(0, 60);
          deepEqual(differences(before, around(), undefined), [], `${shown} left its place`);
          noPrototypeChanged(shown);
          if (refused !== undefined && !isMisuse(refused.error))
            throw new Error(`${shown} broke it`, { cause: refused.error });
        }
      });
      await tally.check(`ids that are no strings are refused: ${call.name}`, async () => {
        for (const [what, id] of noStrings) {
          if (call.takes?.test(what) === true) continue;
          const refused = await use(id);
          deepEqual(differences(before, around(), undefined), [], `${what} left its place`);
          noPrototypeChanged(what);
          ok(refused !== undefined, `${what} was taken`);
          if (!isMisuse(refused.error)) throw new Error(`${what} broke it`, { cause: refused.error });
        }
      });
    });
  }
  say("hostile ids");
}

function noPrototypeChanged(by: string): void {
  const found = pollution();
  if (found !== undefined) throw new Error(`${by} changed a prototype: ${found}`);
}
