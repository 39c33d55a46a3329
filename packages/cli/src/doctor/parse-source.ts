import { stripTypeScriptTypes } from "node:module";
import { extname } from "node:path";
import { parse, type AnyNode, type Node, type Program } from "acorn";
import { parentsOf } from "./tree.ts";

/** A program as a tree, with the text it came from: types are blanked out, so places stay the same. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly program: Program;
  /** What each node lies in. */
  readonly parents: ReadonlyMap<AnyNode, AnyNode>;
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
  let program: Program;
  try {
    program = parse(text, { ...options, sourceType: "module", allowAwaitOutsideFunction: true });
  } catch {
    program = parse(text, { ...options, sourceType: "script" });
  }
  return { path, text, program, parents: parentsOf(program) };
}

export function textOf({ text }: Source, node: Node): string {
  return text.slice(node.start, node.end).replaceAll(/\s+/g, " ");
}
