import {
  ReadFailedError,
  readText,
  replaceFile,
  StoreError,
  UnsafePathError,
  type Receipt,
} from "@flockwork/core";
import { dirname, join, resolve } from "node:path";
import type { WriteOptions } from "./issue-log.ts";

/** Gas Town follows so many and no more. */
const mostHops = 3;

/**
 * The directory that a `.beads` directory stands for: its file `redirect` names another one, relative to the directory above,
 * at most three times over. Without one it is the directory itself.
 *
 * @throws {UnsafePathError} a circle, more than three hops, or a file that names no path. Nothing was changed.
 */
export async function resolveRedirect(directory: string): Promise<string> {
  let current = resolve(directory);
  for (let hop = 0; hop <= mostHops; hop += 1) {
    const target = await redirectOf(current);
    if (target === undefined) return current;
    current = resolve(dirname(current), target);
  }
  throw new UnsafePathError(directory, `its redirects go on after ${mostHops} hops, or in a circle.`);
}

/** What the file `redirect` of a directory names; undefined where there is none, or an empty one. */
export async function redirectOf(directory: string): Promise<string | undefined> {
  const target = (await read(join(directory, "redirect")))?.trim();
  if (target?.includes("\0") === true)
    throw new UnsafePathError(join(directory, "redirect"), "it names a path with a NUL character.");
  return target === "" ? undefined : target;
}

/** Of a name that a file gave: it may be one that the system refuses to look at. */
async function read(path: string): Promise<string | undefined> {
  try {
    return await readText(path, { maxBytes: 4_096 });
  } catch (error) {
    throw error instanceof StoreError ? error : new ReadFailedError(path, error);
  }
}

/** Lets a `.beads` directory stand for another one. @param target - Relative to the directory above, as Gas Town writes it. */
export async function writeRedirect(
  directory: string,
  target: string,
  { timeoutMs, signal, durability }: WriteOptions = {},
): Promise<Receipt> {
  if (typeof target !== "string" || target === "" || /[\n\r\0]/.test(target))
    throw new TypeError("target must be one line: a path relative to the directory above");
  return await replaceFile(join(directory, "redirect"), `${target}\n`, {
    timeoutMs,
    signal,
    durability,
    layout: "beads",
  });
}
