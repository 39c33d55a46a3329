/**
 * Cases that once failed, made short, or that are kept because they are nasty: played before anything new is tried. They are
 * written here, and nobody's data.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FuzzCase } from "./fuzz-case.ts";

const directory = fileURLToPath(new URL("corpus", import.meta.url));

export interface KeptCase {
  readonly target: string;
  /** What went wrong when it was found, or what it is there for. */
  readonly found: string;
  readonly mutated: string;
  /** Their text, or in base64 what is none. */
  readonly files: Readonly<Record<string, string | { readonly base64: string }>>;
}

/** Everything that is kept, by the name of its file. */
export function allKept(): ReadonlyMap<string, KeptCase> {
  const names = existsSync(directory) ? readdirSync(directory).toSorted() : [];
  return new Map(
    names.map((name) => [name, JSON.parse(readFileSync(join(directory, name), "utf8")) as KeptCase]),
  );
}

/** The kept cases of a target, by the name of their file. */
export function keptCases(target: string): (readonly [string, FuzzCase])[] {
  return [...allKept()]
    .filter(([, each]) => each.target === target)
    .map(([name, { mutated, files }]) => [
      name,
      {
        mutated,
        files: new Map(
          Object.entries(files).map(([path, content]) => [
            path,
            typeof content === "string" ? Buffer.from(content) : Buffer.from(content.base64, "base64"),
          ]),
        ),
      },
    ]);
}

function written(content: Buffer): string | { readonly base64: string } {
  const text = content.toString();
  return Buffer.from(text).equals(content) ? text : { base64: content.toString("base64") };
}

/** Keeps a case. Returns its path. */
export function keepCase(target: string, found: string, { files, mutated }: FuzzCase): string {
  const kept: KeptCase = {
    target,
    found,
    mutated,
    files: Object.fromEntries([...files].map(([path, content]) => [path, written(content)])),
  };
  const text = `${JSON.stringify(kept, undefined, 2)}\n`;
  const name = `${target.replaceAll(/\W+/g, "-")}-${createHash("sha1")
    .update(`${found} ${files.get(mutated)?.toString("latin1") ?? ""}`)
    .digest("hex")
    .slice(0, 8)}.json`;
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}
