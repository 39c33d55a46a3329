import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const repository = join(import.meta.dirname, "../..");

/** A fenced block of code in a README. */
export interface Block {
  /** From the repository's root. */
  readonly readme: string;
  /** Line of the fence, from 1. */
  readonly line: number;
  readonly language: "ts" | "js";
  readonly code: string;
}

/** Every README of the repository, from its root. */
export const readmes: readonly string[] = [
  "README.md",
  ...globSync("packages/*/README.md", { cwd: repository }),
].toSorted();

/** Everything else that people read, as far as it may have code. */
export const pages: readonly string[] = globSync(["docs/**/*.md", "*.md", "examples/*.md"], {
  cwd: repository,
})
  .filter((page) => page !== "README.md" && !page.startsWith("docs/api/"))
  .toSorted();

/** The blocks of all READMEs and pages that claim to be TypeScript or JavaScript. */
export function readBlocks(): readonly Block[] {
  return [...readmes, ...pages].flatMap((readme) => {
    const text = readFileSync(join(repository, readme), "utf8");
    return [...text.matchAll(/^```(ts|js)\n(.*?)^```$/gms)].map((match) => ({
      readme,
      line: text.slice(0, match.index).split("\n").length,
      language: match[1] === "js" ? "js" : "ts",
      code: match[2] ?? "",
    }));
  });
}
