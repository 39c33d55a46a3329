import { cpSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { minifySync } from "rolldown/utils";
import { run } from "./run.ts";

/** What an entry loads: kB (1000 bytes) of code without comments, gzipped as one. */
export interface Weight {
  readonly entry: string;
  readonly files: number;
  /** From packages of this repository. */
  readonly own: number;
  readonly others: number;
  /** All of it, minified as well: the most that a bundler makes of it. */
  readonly minified: number;
}

/** Loads an entry in the folder of a consumer, and weighs every file that came with it. */
export function weigh(project: string, entry: string): Weight {
  cpSync(join(import.meta.dirname, "use/loaded.mjs"), join(project, "loaded.mjs"));
  const said = run(process.execPath, ["--disable-warning=ExperimentalWarning", "loaded.mjs", entry], project);
  const modules = join(project, "node_modules");
  const paths = (JSON.parse(said) as string[])
    .map((url) => fileURLToPath(url))
    .filter((path) => path.startsWith(modules) && /\.[cm]?js$/.test(path));
  const isOwn = (path: string): boolean => path.startsWith(join(modules, "@flockwork"));
  const kB = (list: readonly string[], shorten: (code: string) => string): number => {
    const code = list.map((path) => shorten(readFileSync(path, "utf8")));
    return list.length === 0 ? 0 : gzipSync(code.join("\n")).length / 1_000;
  };
  const plain = (code: string): string => withoutComments(project, code);
  return {
    entry,
    files: paths.length,
    own: kB(paths.filter(isOwn), plain),
    others: kB(
      paths.filter((path) => !isOwn(path)),
      plain,
    ),
    minified: kB(paths, minify),
  };
}

/** @throws where the minifier does not understand it: it would leave that out. */
export function minify(text: string): string {
  const { code, errors } = minifySync("any.js", text, { module: true });
  const [error] = errors;
  if (error !== undefined) throw new Error(`it cannot be minified: ${error.message}`);
  return code;
}

interface Parser {
  parse(code: string, options: object): unknown;
}

/** By the parser that came with the command line. */
function withoutComments(project: string, code: string): string {
  const parser = createRequire(join(project, "here.js"))("acorn") as Parser;
  for (const sourceType of ["module", "script"]) {
    const cuts: (readonly [start: number, end: number])[] = [];
    const onComment = (_block: boolean, _text: string, start: number, end: number): void =>
      void cuts.push([start, end]);
    try {
      parser.parse(code, { ecmaVersion: "latest", sourceType, onComment, allowReturnOutsideFunction: true });
      return cuts.reduceRight((left, [start, end]) => left.slice(0, start) + left.slice(end), code);
    } catch {
      // not of this type
    }
  }
  return code;
}
