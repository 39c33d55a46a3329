/** Cases that once failed, or that are kept because they are nasty: played before anything new is tried. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FuzzCase } from "./fuzz-case.ts";

const directory = fileURLToPath(new URL("corpus", import.meta.url));

interface KeptCase {
  readonly target: string;
  /** What went wrong when it was found. */
  readonly found: string;
  readonly mutated: string;
  /** In base64: some are no text. */
  readonly files: Readonly<Record<string, string>>;
}

/** The kept cases of a target. */
export function keptCases(target: string): FuzzCase[] {
  if (!existsSync(directory)) return [];
  const kept = readdirSync(directory)
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(directory, name), "utf8")) as KeptCase);
  return kept
    .filter((each) => each.target === target)
    .map(({ mutated, files }) => ({
      mutated,
      files: new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content, "base64")])),
    }));
}

/** Keeps a case. Returns its path. */
export function keepCase(target: string, found: string, { files, mutated }: FuzzCase): string {
  const kept: KeptCase = {
    target,
    found,
    mutated,
    files: Object.fromEntries([...files].map(([path, content]) => [path, content.toString("base64")])),
  };
  const text = `${JSON.stringify(kept, undefined, 1)}\n`;
  const name = `${target.replaceAll(/\W+/g, "-")}-${createHash("sha1")
    .update(`${found} ${files.get(mutated)?.toString("latin1") ?? ""}`)
    .digest("hex")
    .slice(0, 8)}.json`;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}
