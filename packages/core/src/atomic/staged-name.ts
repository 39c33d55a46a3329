import { hash, randomBytes } from "node:crypto";

/**
 * Names of staged files: `.<basename>.<32 hexadecimal digits>.staged`, beside their target.
 *
 * A basename too long for that keeps its beginning and is told apart by a hash, so that no two files of a directory
 * ever share a prefix: the sweep of one file must never see the staged files of another.
 */
const suffix = ".staged";
const randomHexDigits = 32;
const longestNameBytes = 255;
const longestPrefixBytes = longestNameBytes - randomHexDigits - suffix.length;
const stagedPattern = /^\.(.+)\.[0-9a-f]{32}\.staged$/s;
const shortenedPattern = /~[0-9a-f]{32}$/;

/** A fresh name for a staged file of the file called `basename`. 128 random bits: nobody can guess or occupy it. */
export function stagedName(basename: string): string {
  return stagedPrefix(basename) + randomBytes(randomHexDigits / 2).toString("hex") + suffix;
}

/** Tells which names in a directory are staged files of the file called `basename`, and of no other. */
export function stagedNameTest(basename: string): (name: string) => boolean {
  const prefix = stagedPrefix(basename);
  return (name) =>
    name.length === prefix.length + randomHexDigits + suffix.length &&
    name.startsWith(prefix) &&
    stagedPattern.test(name);
}

/**
 * The basename a staged file belongs to. `candidates` are the names in its directory, for names that were shortened.
 * Undefined when the name is no staged file, or its shortened owner is not among the candidates.
 */
export function stagedFor(name: string, candidates: readonly string[]): string | undefined {
  const stem = stagedPattern.exec(name)?.[1];
  if (stem === undefined) return undefined;
  if (!shortenedPattern.test(stem) || stagedPrefix(stem) !== `.${stem}.`) return stem;
  const owner = candidates.find((candidate) => stagedPrefix(candidate) === `.${stem}.`);
  return owner;
}

function stagedPrefix(basename: string): string {
  const whole = `.${basename}.`;
  if (Buffer.byteLength(whole) <= longestPrefixBytes) return whole;
  const tag = `~${hash("sha256", basename, "hex").slice(0, 32)}`;
  let kept = basename;
  while (Buffer.byteLength(kept) + tag.length + 2 > longestPrefixBytes) kept = kept.slice(0, -1);
  if (!kept.isWellFormed()) kept = kept.slice(0, -1);
  return `.${kept}${tag}.`;
}
