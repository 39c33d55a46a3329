import { DocumentCorruptError, listDirectory, readText } from "@flockwork/core";
import { join } from "node:path";
import type { Era } from "./neighbour-files.ts";
import { redirectOf } from "./redirect.ts";

/** What a `.beads` directory says about who writes its files. */
export interface Surroundings {
  readonly era: Era;
  /** What told the era, in words. */
  readonly why: string;
  /** Whether programs that read `issues.jsonl` want one line for each issue, sorted by id. */
  readonly oneLineEach: boolean;
  /** `issue-prefix` of `config.yaml`, where it is set. */
  readonly prefix: string | undefined;
  /** What the file `redirect` names, where there is one: the directory stands for another one; see `resolveRedirect`. */
  readonly redirect: string | undefined;
}

/**
 * Tells the era of a `.beads` directory from what lies in it. Changes nothing, takes no lock. A directory that does not exist is
 * of the era `jsonl`.
 *
 * @throws {DocumentCorruptError} `metadata.json` is there and cannot be read: whose data it is cannot be told.
 */
export async function detectEra(directory: string): Promise<Surroundings> {
  const entries = listDirectory(directory) ?? [];
  const kindOf = (name: string): string | undefined => entries.find((entry) => entry.name === name)?.kind;
  const config =
    kindOf("config.yaml") === "file" ? await readText(join(directory, "config.yaml")) : undefined;
  const prefix = settingOf(config, "issue-prefix");
  const redirect = kindOf("redirect") === "file" ? await redirectOf(directory) : undefined;
  const backend = kindOf("metadata.json") === "file" ? await backendOf(directory) : undefined;
  const found = (era: Era, why: string, oneLineEach = true): Surroundings => ({
    era,
    why,
    oneLineEach,
    prefix,
    redirect,
  });
  for (const name of ["embeddeddolt", "dolt"])
    if (kindOf(name) === "directory") return found("dolt", `bd keeps its data in ${name}/`);
  if (backend === "dolt") return found("dolt", "metadata.json names Dolt");
  if (kindOf("beads.db") === "file") return found("sqlite", "bd keeps its data in beads.db");
  const noDb = settingOf(config, "no-db") === "true";
  return found("jsonl", noDb ? "config.yaml says no-db" : "there is no database", noDb);
}

async function backendOf(directory: string): Promise<string | undefined> {
  const path = join(directory, "metadata.json");
  const text = await readText(path);
  if (text === undefined) return undefined;
  let metadata: unknown;
  try {
    metadata = JSON.parse(text);
  } catch (cause) {
    throw new DocumentCorruptError(path, "it is not JSON, and it says whose data this is", { cause });
  }
  const backend = (metadata as { readonly backend?: unknown } | null)?.backend;
  return typeof backend === "string" ? backend : undefined;
}

/** The value of a setting at the top level of a YAML file, where it stands on its line. */
function settingOf(yaml: string | undefined, name: string): string | undefined {
  for (const line of yaml?.split("\n") ?? []) {
    if (!line.startsWith(`${name}:`)) continue;
    const value = line
      .slice(name.length + 1)
      .replace(/\s#.*$/, "")
      .trim()
      .replace(/^(["'])(.*)\1$/, "$2");
    return value === "" ? undefined : value;
  }
  return undefined;
}
