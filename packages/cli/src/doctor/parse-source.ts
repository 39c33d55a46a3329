import { stripTypeScriptTypes } from "node:module";
import { extname } from "node:path";
import { parse, type Node, type Program } from "acorn";

/** A program as a tree, with the text it came from: types are blanked out, so places stay the same. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly program: Program;
}

const typescript = new Set([".ts", ".mts", ".cts"]);

/** Extensions of the sources that are looked at. */
export const sourceExtensions: ReadonlySet<string> = new Set([".js", ".mjs", ".cjs", ...typescript]);

/** @throws {SyntaxError} it is no JavaScript, or uses TypeScript that is more than types. */
export function parseSource(path: string, code: string): Source {
  const text = typescript.has(extname(path)) ? stripTypeScriptTypes(code) : code;
  const options = {
    ecmaVersion: "latest",
    locations: true,
    allowHashBang: true,
    allowReturnOutsideFunction: true,
  } as const;
  try {
    return {
      path,
      text,
      program: parse(text, { ...options, sourceType: "module", allowAwaitOutsideFunction: true }),
    };
  } catch {
    return { path, text, program: parse(text, { ...options, sourceType: "script" }) };
  }
}

export function textOf({ text }: Source, node: Node): string {
  return text.slice(node.start, node.end).replaceAll(/\s+/g, " ");
}
