/** The modules of a tree, and which function a call reaches. */
import { dirname, join, normalize } from "node:path/posix";
import type { AnyNode, CallExpression } from "acorn";
import type { Source } from "./parse-source.ts";
import type { Imported } from "./declarations.ts";
import { scopesOf, type Scopes } from "./scopes.ts";
import { calleeName, isFunction, visit, type FunctionNode } from "./tree.ts";

/** A module, or one function of it, and its place: what a path is said in terms of. */
export interface Frame {
  readonly module: Module;
  /** The program itself where it is not a function. */
  readonly node: AnyNode;
}

export interface Module {
  readonly source: Source;
  readonly scopes: Scopes;
  /** Functions that are called by a name, not handed to another call. */
  readonly named: ReadonlySet<AnyNode>;
  /** Methods and functions in object literals, by name. */
  readonly methods: ReadonlyMap<string, FunctionNode>;
  /** What another module gets under a name. */
  readonly exported: ReadonlyMap<string, AnyNode>;
}

/** The modules of a tree by path. */
export type Modules = ReadonlyMap<string, Module>;

export function moduleOf(source: Source): Module {
  const named = new Set<AnyNode>([source.program]);
  const methods = new Map<string, FunctionNode>();
  const exported = new Map<string, AnyNode>();
  visit(source.program, (node) => {
    if (node.type === "FunctionDeclaration") named.add(node);
    if (node.type === "VariableDeclarator" && isFunction(node.init ?? undefined))
      named.add(node.init as AnyNode);
    if (isMember(node) && isFunction(node.value ?? undefined)) {
      named.add(node.value as FunctionNode);
      if (node.key.type === "Identifier" || node.key.type === "PrivateIdentifier")
        methods.set(node.key.name, node.value as FunctionNode);
    }
    for (const [name, value] of exportsOf(node)) {
      exported.set(name, value);
      if (isFunction(value)) named.add(value);
    }
  });
  return { source, scopes: scopesOf(source), named, methods, exported };
}

function isMember(node: AnyNode): node is AnyNode & {
  type: "MethodDefinition" | "Property" | "PropertyDefinition";
} {
  return ["MethodDefinition", "Property", "PropertyDefinition"].includes(node.type);
}

const knownFrames = new WeakMap<AnyNode, Frame>();

/** The innermost function with a name around a place: what it runs in, callbacks written in place included. */
export function frameAround(module: Module, place: AnyNode): Frame {
  const known = knownFrames.get(place);
  if (known !== undefined) return known;
  let node: AnyNode = module.source.program;
  for (const each of module.named)
    if (each.start <= place.start && place.end <= each.end && each !== place && each.start >= node.start)
      node = each;
  const frame = { module, node };
  knownFrames.set(place, frame);
  return frame;
}

/** The function of the tree that a call reaches. */
export function functionCalled(modules: Modules, module: Module, call: CallExpression): Frame | undefined {
  const { callee } = call;
  if (callee.type === "Identifier") return functionNamed(modules, module, callee.name, callee);
  const name = calleeName(call);
  if (callee.type !== "MemberExpression" || name === undefined) return undefined;
  const { object } = callee;
  if (object.type === "Identifier") {
    const imported = module.scopes.lookUp(object.name, object)?.imported;
    if (imported !== undefined) return throughImport(modules, module, { ...imported, name });
  }
  const method = module.methods.get(name);
  const own =
    object.type === "ThisExpression" ||
    /^(self|store|exports)$/.test("name" in object ? String(object.name) : "");
  return method !== undefined && (own || !isBuiltIn(name)) ? { module, node: method } : undefined;
}

function functionNamed(modules: Modules, module: Module, name: string, place: AnyNode): Frame | undefined {
  const binding = module.scopes.lookUp(name, place);
  if (binding?.imported !== undefined) return throughImport(modules, module, binding.imported);
  return isFunction(binding?.init) && binding.parameter === undefined
    ? { module, node: binding.init }
    : undefined;
}

function throughImport(modules: Modules, module: Module, imported: Imported): Frame | undefined {
  const found = moduleAt(modules, module, imported.specifier);
  const value = found?.exported.get(imported.name);
  if (found === undefined || value === undefined) return undefined;
  if (isFunction(value)) return { module: found, node: value };
  return value.type === "Identifier" && found !== module
    ? functionNamed(modules, found, value.name, found.source.program)
    : undefined;
}

/** The module that a relative specifier leads to. */
export function moduleAt(modules: Modules, from: Module, specifier: string): Module | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const path = normalize(join(dirname(from.source.path), specifier));
  const bare = path.replace(/\.[cm]?[jt]s$/, "");
  const endings = [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", "/index.js", "/index.ts", "/index.mjs"];
  for (const candidate of [path, ...endings.map((ending) => bare + ending)]) {
    const found = modules.get(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a statement gives to other modules, under which names. */
function exportsOf(node: AnyNode): (readonly [string, AnyNode])[] {
  if (node.type === "ExportNamedDeclaration") {
    const { declaration, specifiers, source } = node;
    if (source) return [];
    if (declaration?.type === "FunctionDeclaration") return [[declaration.id.name, declaration]];
    if (declaration?.type === "VariableDeclaration")
      return declaration.declarations.flatMap(({ id }) =>
        id.type === "Identifier" ? [[id.name, id] as const] : [],
      );
    return specifiers.flatMap(({ exported, local }) =>
      exported.type === "Identifier" ? [[exported.name, local] as const] : [],
    );
  }
  if (node.type === "ExportDefaultDeclaration") return [["default", node.declaration]];
  if (node.type !== "AssignmentExpression" || node.left.type !== "MemberExpression") return [];
  const { object, property } = node.left;
  const name = property.type === "Identifier" ? property.name : "";
  if (object.type === "Identifier" && object.name === "module" && name === "exports") {
    if (node.right.type !== "ObjectExpression") return [["default", node.right]];
    return node.right.properties.flatMap((each) =>
      each.type === "Property" && each.key.type === "Identifier"
        ? [[each.key.name, each.value] as const]
        : [],
    );
  }
  const fromExports =
    (object.type === "Identifier" && object.name === "exports") ||
    (object.type === "MemberExpression" && calledExports(object));
  return fromExports ? [[name, node.right]] : [];
}

function calledExports({ object, property }: AnyNode & { type: "MemberExpression" }): boolean {
  return (
    object.type === "Identifier" &&
    object.name === "module" &&
    property.type === "Identifier" &&
    property.name === "exports"
  );
}

const builtIn: readonly object[] = [Array, Map, Set, String, Promise].map(
  ({ prototype }) => prototype as object,
);

/** Names that lists, maps, strings and promises have too. */
function isBuiltIn(name: string): boolean {
  return builtIn.some((prototype) => name in prototype);
}
