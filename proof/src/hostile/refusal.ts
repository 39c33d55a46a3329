import { deepEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { StoreError } from "../harness/core.ts";
import { differences, treeDigest } from "./tree-digest.ts";

/** Long enough for a busy disk: what takes longer will not come. */
const hangMs = 20_000;

/**
 * The call must be refused with a typed error, in time, and leave everything below `directory` as it was.
 *
 * @param root - What the call was given, below `directory`: only there may lock files appear.
 */
export async function refuses(
  directory: string,
  run: () => unknown,
  accepts: (error: unknown) => boolean = (error) => error instanceof StoreError,
  root = "",
): Promise<void> {
  const before = treeDigest(directory);
  const outcome = await outcomeOf(run);
  deepEqual(differences(before, treeDigest(directory), root), [], "the disk was changed");
  if (outcome === undefined) throw new Error("it was not refused");
  if (!accepts(outcome.error)) throw outcome.error;
}

/** Undefined where it succeeds. */
async function outcomeOf(run: () => unknown): Promise<{ readonly error: unknown } | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not settled after ${hangMs} ms`)), hangMs);
  });
  try {
    await Promise.race([Promise.resolve().then(run), hang]);
    return undefined;
  } catch (error) {
    return { error };
  } finally {
    clearTimeout(timer);
  }
}

/** The call may succeed, or be refused with a typed error; what lies around `root`, and how much of it, is as it was. */
export async function leavesOutside(
  directory: string,
  root: string,
  run: () => unknown,
  accepts: (error: unknown) => boolean = isTyped,
): Promise<void> {
  const before = contentsOf(directory, root);
  const outcome = await outcomeOf(run);
  deepEqual(differences(before, contentsOf(directory, root), undefined), [], "what lies outside was changed");
  if (outcome !== undefined && !accepts(outcome.error)) throw outcome.error;
}

/** Without the numbers of links: another name of the same file may go. */
function contentsOf(directory: string, root: string): ReadonlyMap<string, string> {
  return new Map([...treeDigest(directory, root)].map(([name, told]) => [name, told.replace(/ \d+ /, " ")]));
}

/** The call must succeed and leave the bytes of everything as they were. */
export async function leavesAlone(directory: string, run: () => unknown): Promise<void> {
  const before = treeDigest(directory);
  await run();
  deepEqual(differences(before, treeDigest(directory), ""), [], "the disk was changed");
}

/** Of whichever package: a code of its own, and what to do about it. Node's errors have only the code. */
export function isTyped(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, retryable } = error as { readonly code?: unknown; readonly retryable?: unknown };
  return typeof code === "string" && code.startsWith("ERR_") && retryable !== undefined;
}

/** What the kernel answered to a call of the system. */
export function isOfTheSystem(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && "errno" in error && "code" in error;
}

/** For misuse: a typed error, or a TypeError or RangeError that a package made on purpose. */
export function isMisuse(error: unknown): boolean {
  const isOfMisuse = error instanceof TypeError || error instanceof RangeError;
  return isTyped(error) || (isOfMisuse && isMadeByUs(error));
}

/**
 * Where the stack begins, a source of ours says `new TypeError(`. Where it begins at anything else, JavaScript or Node refused
 * what nobody had checked: their words may change, and so may what they refuse.
 */
function isMadeByUs({ stack = "" }: Error): boolean {
  const [, file, line, column] =
    /^\s+at (?:.*\()?(\S*\/packages\/[^/]+\/src\/\S*):(\d+):(\d+)\)?$/m.exec(firstFrameOf(stack)) ?? [];
  if (file === undefined) return false;
  const path = file.startsWith("file:") ? fileURLToPath(file) : file;
  const statement = readFileSync(path, "utf8")
    .split("\n")
    [Number(line) - 1]?.slice(Number(column) - 1);
  return /^new (?:TypeError|RangeError)\(/.test(statement ?? "");
}

/** A message may have several lines. */
function firstFrameOf(stack: string): string {
  return stack.split("\n").find((line) => /^\s+at /.test(line)) ?? "";
}
