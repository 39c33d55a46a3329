/** Projects whose files hold what somebody made of them. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "../../../../toolchain/testing/surroundings.ts";

/** What JSON can hold, and no language can make a number or a text of. */
export const odd = { valueOf: 1, toString: 1 };

/** A project with these files below `.flowforge`: texts as they are, anything else as JSON. */
export function projectWith(files: Readonly<Record<string, unknown>>): string {
  const directory = temporaryDirectory();
  for (const [name, content] of Object.entries(files)) put(directory, name, content);
  return directory;
}

export function put(directory: string, name: string, content: unknown): void {
  const path = join(directory, ".flowforge", name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
}

export function contentOf(directory: string, name: string): string {
  return readFileSync(join(directory, ".flowforge", name), "utf8");
}
