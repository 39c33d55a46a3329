import { stripTypeScriptTypes } from "node:module";
import { extname } from "node:path";
import { parse, type AnyNode, type Node, type Program } from "acorn";
import { eraseTypeScript } from "./erase-typescript.ts";
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

/** @throws {SyntaxError} it is neither JavaScript nor TypeScript. */
export function parseSource(path: string, code: string): Source {
  const whole = (of: string): string => (typescript.has(extname(path)) ? stripTypes(of) : of);
  let text: string;
  let program: Program;
  try {
    text = whole(code);
    program = programOf(text);
  } catch (error) {
    try {
      text = whole(eraseTypeScript(code));
      program = programOf(text);
    } catch {
      throw error;
    }
  }
  return { path, text, program, parents: parentsOf(program) };
}

function programOf(text: string): Program {
  const options = {
    ecmaVersion: "latest",
    locations: true,
    allowHashBang: true,
    allowReturnOutsideFunction: true,
  } as const;
  try {
    return parse(text, { ...options, sourceType: "module", allowAwaitOutsideFunction: true });
  } catch {
    return parse(text, { ...options, sourceType: "script" });
  }
}

/** Without the warning that Node 22 and 24 have for it: it is not the user's, and its effect here is tested. */
function stripTypes(code: string): string {
  const own = Object.getOwnPropertyDescriptor(process, "emitWarning");
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(code);
  } finally {
    if (own !== undefined) Object.defineProperty(process, "emitWarning", own);
  }
}

export function textOf({ text }: Source, node: Node): string {
  return text.slice(node.start, node.end).replaceAll(/\s+/g, " ");
}
