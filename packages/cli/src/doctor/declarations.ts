/** What a piece of a program declares. */
import type { AnyNode, Pattern } from "acorn";
import type { Source } from "./parse-source.ts";
import { calleeName, isCall, isFunction, type FunctionNode } from "./tree.ts";

export interface Binding {
  readonly name: string;
  /** Where it can be seen. */
  readonly within: AnyNode;
  /** What it is declared as; a default, for a parameter. */
  readonly init?: AnyNode | undefined;
  /** Which part of `init` it is: `{ member } = init`. */
  readonly member?: string | undefined;
  /** The place of a parameter, and its function. */
  readonly parameter?: { readonly index: number; readonly of: FunctionNode };
  readonly imported?: Imported;
  /** Expressions that what it holds may come from. */
  readonly flows: AnyNode[];
  /** Those that take the place of what it held before. */
  readonly replacements: AnyNode[];
  /** Its value is not what `init` says. */
  changes: boolean;
}

/** `name` of the module that `specifier` leads to; `*` is all of it. */
export interface Imported {
  readonly specifier: string;
  readonly name: string;
}

export function declarationsOf(node: AnyNode, { parents, program }: Source): Binding[] {
  const around = (from: AnyNode): AnyNode => {
    for (let at = parents.get(from); at !== undefined; at = parents.get(at))
      if (/^(BlockStatement|For\w*Statement|Program|StaticBlock|SwitchStatement)$/.test(at.type)) return at;
    return program;
  };
  if (node.type === "VariableDeclarator") {
    const loop = parents.get(parents.get(node) ?? node);
    const from = loop?.type === "ForOfStatement" || loop?.type === "ForInStatement" ? loop.right : undefined;
    const imported = specifierOf(node.init ?? undefined);
    return patternOf(node.id).map(({ name, member }) => ({
      name,
      within: around(node),
      init: node.init ?? undefined,
      member,
      ...(imported === undefined ? {} : { imported: { specifier: imported, name: member ?? "*" } }),
      replacements: node.init ? [node.init] : [],
      flows: [node.init, from].filter((each) => each !== undefined && each !== null),
      changes: from !== undefined || node.init === null || node.init === undefined,
    }));
  }
  if (node.type === "ImportDeclaration")
    return node.specifiers.map((each) => ({
      name: each.local.name,
      within: program,
      imported: {
        specifier: String(node.source.value),
        name:
          each.type === "ImportSpecifier" && each.imported.type === "Identifier" ? each.imported.name : "*",
      },
      flows: [],
      replacements: [],
      changes: false,
    }));
  const own: Binding[] = [];
  if ((node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") && node.id !== null)
    own.push({
      name: node.id.name,
      within: around(node),
      init: node,
      flows: [],
      replacements: [],
      changes: false,
    });
  if (isFunction(node))
    node.params.forEach((parameter, index) => {
      for (const { name, member, init } of patternOf(parameter))
        own.push({
          name,
          within: node,
          init,
          member,
          parameter: { index, of: node },
          flows: init === undefined ? [] : [init],
          replacements: [],
          changes: false,
        });
    });
  return own;
}

interface Part {
  readonly name: string;
  readonly member?: string | undefined;
  readonly init?: AnyNode | undefined;
}

/** The names that a pattern declares. */
export function patternOf(pattern: Pattern): Part[] {
  if (pattern.type === "Identifier") return [{ name: pattern.name }];
  if (pattern.type === "AssignmentPattern")
    return patternOf(pattern.left).map((part) => ({ ...part, init: pattern.right }));
  if (pattern.type === "RestElement")
    return patternOf(pattern.argument).map((part) => ({ ...part, member: "…" }));
  if (pattern.type === "ArrayPattern")
    return pattern.elements.flatMap((each, at) =>
      each === null ? [] : patternOf(each).map((part) => ({ ...part, member: `${at}` })),
    );
  if (pattern.type === "ObjectPattern")
    return pattern.properties.flatMap((each) => {
      if (each.type === "RestElement") return patternOf(each);
      const member = each.key.type === "Identifier" ? each.key.name : "[]";
      return patternOf(each.value).map((part) => ({ ...part, member }));
    });
  return [];
}

/** `"./x"` of `require("./x")` and `await import("./x")`. */
export function specifierOf(node: AnyNode | undefined): string | undefined {
  if (node?.type === "AwaitExpression") return specifierOf(node.argument);
  const argument =
    node?.type === "ImportExpression"
      ? node.source
      : isCall(node) && calleeName(node) === "require"
        ? node.arguments[0]
        : undefined;
  return argument?.type === "Literal" && typeof argument.value === "string" ? argument.value : undefined;
}
