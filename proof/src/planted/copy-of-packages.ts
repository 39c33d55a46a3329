import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Edit } from "./planted-bug.ts";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * A copy of every package and of this proof, from source, with their tests. Their links to each other are relative, and so lead into the copy;
 * everything else comes from the repository.
 */
export class CopyOfPackages {
  readonly directory: string;
  readonly #edited = new Map<string, string>();

  constructor(directory: string) {
    this.directory = directory;
    mkdirSync(directory);
    symlinkSync(join(repository, "node_modules"), join(directory, "node_modules"));
    const packages = readdirSync(join(repository, "packages")).map((name) => join("packages", name));
    for (const each of [...packages, "proof"])
      for (const part of ["src", "test", "prebuilds", "package.json", "node_modules"])
        this.#copy(join(each, part));
    for (const each of ["package.json", "vitest.config.ts", "toolchain/testing"]) this.#copy(each);
  }

  #copy(path: string): void {
    const from = join(repository, path);
    if (existsSync(from))
      cpSync(from, join(this.directory, path), { recursive: true, verbatimSymlinks: true });
  }

  /** Plants a bug. @throws {Error} the source has changed: the bug must be planted anew. */
  plant(edits: readonly Edit[]): void {
    for (const { file, before, after } of edits) {
      const path = join(this.directory, file);
      const text = readFileSync(path, "utf8");
      const found = text.split(before).length - 1;
      if (found !== 1) throw new Error(`${file} has ${found} times, not once: ${before}`);
      if (!this.#edited.has(path)) this.#edited.set(path, text);
      writeFileSync(
        path,
        text.replace(before, () => after),
      );
    }
  }

  /** Takes every planted bug out again. */
  restore(): void {
    for (const [path, text] of this.#edited) writeFileSync(path, text);
    this.#edited.clear();
  }
}
