/** Looks at what a loss of power left, as the next process that comes by. */
import { deepEqual, ok } from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { stagedFilesIn } from "../crash/verify.ts";
import type { Found } from "./judge.ts";
import { powerOperation, subjectNamed, subjectsOf } from "./operations.ts";
import type { Holdings } from "./power-operation.ts";

/** What the next process found, and what it could not do there. */
export interface Inspected {
  readonly found: Readonly<Record<string, Found>>;
  readonly unusable: readonly string[];
}

/** Reads everything the operations change, does each of them once more, and looks for what was cut off. */
export async function inspect(directory: string, names: readonly string[]): Promise<Inspected> {
  const operations = [...new Set(names)].map(powerOperation);
  const subjects = subjectsOf(operations);
  const tails = subjects.map((name) => tornTail(directory, name));
  const found: Record<string, Found> = {};
  for (const name of subjects) found[name] = await look(directory, name);
  const held = Object.entries(found).map(
    ([name, it]) => [name, "value" in it ? it.value : undefined] as const,
  );
  if (held.some(([, value]) => value === undefined)) return { found, unusable: [] };
  const unusable: string[] = [];
  let expected: Holdings = Object.fromEntries(held);
  try {
    for (const [at, operation] of operations.entries()) {
      await operation.run(directory, 20 + at, "disk");
      expected = operation.apply(expected, 20 + at);
    }
    const after: Record<string, unknown> = {};
    for (const name of subjects) after[name] = await subjectNamed(name).observe(directory);
    deepEqual(after, expected, "after each operation was done once more");
    deepEqual(stagedFilesIn(directory), [], "staged files after the next operations");
    for (const tail of tails) tail.verifyKept();
  } catch (error) {
    unusable.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  return { found, unusable };
}

async function look(directory: string, name: string): Promise<Found> {
  try {
    return { value: await subjectNamed(name).observe(directory) };
  } catch (error) {
    const { code = "", stack } = error as NodeJS.ErrnoException;
    return { code, message: `${stack ?? String(error)}` };
  }
}

/** P5: what stood behind the last newline before anybody came by must be in a file of its own afterwards. */
function tornTail(directory: string, name: string): { verifyKept(): void } {
  const path = join(directory, subjectNamed(name).log ?? "");
  const bytes =
    subjectNamed(name).log !== undefined && existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const tail = bytes.subarray(bytes.lastIndexOf(0x0a) + 1);
  return {
    verifyKept: () => {
      if (tail.length === 0) return;
      const aside = readdirSync(dirname(path)).filter((each) => each.startsWith(`${basename(path)}.torn-`));
      const isKept = aside.some((each) => readFileSync(join(dirname(path), each)).equals(tail));
      ok(isKept, `the torn tail of ${name}, ${tail.length} bytes, is nowhere`);
    },
  };
}
