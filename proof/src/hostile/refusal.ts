import { deepEqual } from "node:assert/strict";
import { StoreError } from "../harness/core.ts";
import { differences, treeDigest } from "./tree-digest.ts";

/** Long enough for a busy disk: what takes longer will not come. */
const hangMs = 20_000;

/** The call must be refused with a typed error, in time, and leave everything below `directory` as it was. */
export async function refuses(
  directory: string,
  run: () => unknown,
  accepts: (error: unknown) => boolean = (error) => error instanceof StoreError,
): Promise<void> {
  const before = treeDigest(directory);
  let outcome: { readonly error: unknown } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not settled after ${hangMs} ms`)), hangMs);
  });
  try {
    await Promise.race([Promise.resolve().then(run), hang]);
  } catch (error) {
    outcome = { error };
  } finally {
    clearTimeout(timer);
  }
  deepEqual(differences(before, treeDigest(directory)), [], "the disk was changed");
  if (outcome === undefined) throw new Error("it was not refused");
  if (!accepts(outcome.error)) throw outcome.error;
}

/** The call must succeed and leave the bytes of everything as they were. */
export async function leavesAlone(directory: string, run: () => unknown): Promise<void> {
  const before = treeDigest(directory);
  await run();
  deepEqual(differences(before, treeDigest(directory)), [], "the disk was changed");
}

/** For misuse: a TypeError or RangeError, or one of ours. */
export function isMisuse(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof StoreError;
}
