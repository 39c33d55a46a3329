import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beadsDirectory } from "./directory.ts";
import { issueOf } from "./issues.ts";

/** The line of an issue. */
export const good = (id: string, fields = {}): string => JSON.stringify(issueOf(id, fields));

/** A `.beads` directory whose issue file holds this. */
export function holding(content: string | Buffer): { readonly directory: string; readonly path: string } {
  const directory = beadsDirectory();
  const path = join(directory, "issues.jsonl");
  writeFileSync(path, content);
  return { directory, path };
}
