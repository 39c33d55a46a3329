import { randomUUID } from "node:crypto";
import { fitBasename, longestNameBytes } from "./name-limit.ts";

/**
 * Names of staged files: `.<basename>.<32 hexadecimal digits>.staged`, beside their target.
 *
 * No two files of a directory share a prefix, long basenames included: the sweep of one file must never see the staged
 * files of another.
 */
const suffix = ".staged";
const randomHexDigits = 32;
const longestBasenameBytes = longestNameBytes - "..".length - randomHexDigits - suffix.length;
const stagedPattern = /^\.(.+)\.[0-9a-f]{32}\.staged$/s;

/** A fresh name for a staged file of the file called `basename`. 122 random bits: nobody can guess or occupy it. */
export function stagedName(basename: string): string {
  const random = randomUUID().replaceAll("-", ""); // Node draws for many of these at once
  return `.${fitBasename(basename, longestBasenameBytes)}.${random}${suffix}`;
}

/** Tells which names in a directory are staged files of the file called `basename`, and of no other. */
export function stagedNameTest(basename: string): (name: string) => boolean {
  const fitted = fitBasename(basename, longestBasenameBytes);
  return (name) => stagedPattern.exec(name)?.[1] === fitted;
}

/**
 * The basename a staged file belongs to. `neighbours` are the names in its directory, where the owner of a shortened name
 * is looked for. Undefined when the name is no staged file.
 */
export function stagedFor(name: string, neighbours: readonly string[]): string | undefined {
  const fitted = stagedPattern.exec(name)?.[1];
  if (fitted === undefined || Buffer.byteLength(fitted) < longestBasenameBytes - 8) return fitted;
  return neighbours.find((neighbour) => fitBasename(neighbour, longestBasenameBytes) === fitted) ?? fitted;
}
