/** What a path is, said so that two ways to write the same path come out equal. */
import { createHash } from "node:crypto";
import type { AnyNode } from "acorn";
import { functionCalled, moduleAt, type Frame, type Modules } from "./modules.ts";
import { textOf } from "./parse-source.ts";
import { baseOf, calleeName, isFunction, visit } from "./tree.ts";

/** `‹0›` is the first parameter of the function that the frame is. */
const parameter = /‹(\d+)([^›]*)›/g;
const deepest = 12;
/** What takes more characters to say is no name of a file: it grows with each call that it is handed through. */
const longest = 1_000;

/** A path in terms of the parameters of a frame. */
export function pathOf(modules: Modules, frame: Frame, node: AnyNode, depth = 0): string {
  return bounded(spelled(modules, frame, node, depth));
}

/** A path too long to be kept is one that only its own function knows; it equals itself. */
function bounded(path: string): string {
  return path.length <= longest ? path : `«${createHash("sha1").update(path).digest("hex")}»`;
}

function spelled(modules: Modules, frame: Frame, node: AnyNode, depth: number): string {
  const { module } = frame;
  const inner = (each: AnyNode): string => pathOf(modules, frame, each, depth + 1);
  if (depth > deepest) return textOf(module.source, node);
  switch (node.type) {
    case "Literal":
      return typeof node.value === "string" ? node.value : String(node.value);
    case "TemplateLiteral":
      return node.quasis
        .map(({ value }, at) => {
          const expression = node.expressions[at];
          return (value.cooked ?? "") + (expression === undefined ? "" : inner(expression));
        })
        .join("");
    case "BinaryExpression":
      return node.operator === "+" ? inner(node.left as AnyNode) + inner(node.right) : own(frame, node);
    case "AwaitExpression":
      return inner(node.argument);
    case "ChainExpression":
      return inner(node.expression);
    case "LogicalExpression":
      return `(${inner(node.left)} ${node.operator} ${inner(node.right)})`;
    case "ConditionalExpression":
      return `(${inner(node.consequent)} : ${inner(node.alternate)})`;
    case "MemberExpression":
      return pathOfMember(modules, frame, node, depth);
    case "Identifier":
      return pathOfName(modules, frame, node, depth);
    case "ObjectExpression":
      return `{${node.properties.map((each) => (each.type === "Property" ? `${keyOf(each)}: ${inner(each.value)}` : "…")).join(", ")}}`;
    case "CallExpression": {
      const name = calleeName(node) ?? "";
      const args = node.arguments.map((each) => inner(each));
      if (/^(join|resolve|normalize)$/.test(name)) return args.join("/").replaceAll("/./", "/");
      if (/^open(Sync)?$/.test(name)) return args[0] ?? "";
      const called = functionCalled(modules, module, node);
      if (called === undefined) return `${textOf(module.source, node.callee)}(${args.join(", ")})`;
      return returned(modules, called, args, depth, `${called.module.source.path}#${name}`);
    }
    default:
      return own(frame, node);
  }
}

/** Puts what a call hands in for the parameters; `pick` finds a member of an object that is written out in the call. */
export function substitute(
  path: string,
  args: readonly string[],
  pick?: (index: number, member: string) => string | undefined,
): string {
  const whole = path.replaceAll(parameter, (_, index: string, member: string) => {
    const picked = member === "" ? undefined : pick?.(Number(index), member.slice(1));
    if (picked !== undefined) return picked;
    const given = args[Number(index)] ?? "undefined";
    return member === "" ? given : given.endsWith("›") ? `${given.slice(0, -1)}${member}›` : given + member;
  });
  return bounded(whole);
}

/** Whether a path is the same in every call of the frame. */
export function hasParameters(path: string): boolean {
  return path.includes("‹");
}

/** Whether a path is told by a name that only one run of one function knows. */
export function isLocal(path: string): boolean {
  return path.includes("«");
}

/** The member of an object that is written out. */
export function memberOf(object: AnyNode | undefined, name: string): AnyNode | undefined {
  if (object?.type !== "ObjectExpression") return undefined;
  for (const each of object.properties)
    if (each.type === "Property" && keyOf(each) === name) return each.value;
  return undefined;
}

function keyOf({ key }: { readonly key: AnyNode }): string {
  return key.type === "Identifier" ? key.name : key.type === "Literal" ? String(key.value) : "[]";
}

function pathOfName(
  modules: Modules,
  frame: Frame,
  node: AnyNode & { type: "Identifier" },
  depth: number,
): string {
  const { module } = frame;
  const binding = module.scopes.lookUp(node.name, node);
  if (binding === undefined) return node.name;
  const { init, member, changes, imported } = binding;
  const part = member === undefined ? "" : `.${member}`;
  if (binding.parameter !== undefined) {
    if (binding.parameter.of === frame.node) return `‹${binding.parameter.index}${part}›`;
    return `«${node.name}@${binding.within.start}»`;
  }
  if (imported !== undefined) {
    const found = moduleAt(modules, module, imported.specifier);
    const value = found?.exported.get(imported.name);
    return found === undefined || value === undefined || isFunction(value)
      ? `${imported.specifier}#${imported.name}`
      : pathOf(modules, { module: found, node: found.source.program }, value, depth + 1);
  }
  if (!changes && init !== undefined && member === undefined && !isFunction(init))
    return pathOf(modules, frame, init, depth + 1);
  if (!changes && init !== undefined && member !== undefined)
    return `${pathOf(modules, frame, init, depth + 1)}${part}`;
  const shared = binding.within.type === "Program";
  return shared ? `${module.source.path}#${node.name}` : `«${node.name}@${binding.within.start}»`;
}

function pathOfMember(
  modules: Modules,
  frame: Frame,
  node: AnyNode & { type: "MemberExpression" },
  depth: number,
): string {
  const { module } = frame;
  const name =
    node.property.type === "Identifier" || node.property.type === "PrivateIdentifier"
      ? node.property.name
      : "";
  if (node.object.type === "ThisExpression") return `this.${name}`;
  if (node.computed) return own(frame, node);
  if (node.object.type === "Identifier") {
    const binding = module.scopes.lookUp(node.object.name, node.object);
    const value = binding?.parameter === undefined ? memberOf(binding?.init, name) : undefined;
    if (value !== undefined) return pathOf(modules, frame, value, depth + 1);
  }
  const object = pathOf(modules, frame, node.object, depth + 1);
  return object.endsWith("›") ? `${object.slice(0, -1)}.${name}›` : `${object}.${name}`;
}

/** What a function of the tree returns: its one expression, or all of them under its name. */
function returned(
  modules: Modules,
  called: Frame,
  args: readonly string[],
  depth: number,
  name: string,
): string {
  const { node } = called;
  if (!isFunction(node)) return name;
  const values: AnyNode[] = [];
  if (node.expression) values.push(node.body);
  else
    visit(node.body, (each) => {
      if (isFunction(each)) return false;
      if (each.type === "ReturnStatement" && each.argument) values.push(each.argument);
      return true;
    });
  if (depth > 6) return `${name}(${args.join(", ")})`;
  const paths = values
    .map((value) => pathOf(modules, called, value, depth + 3))
    .filter((path) => path !== "null");
  const [only] = paths;
  const text =
    paths.length === 1 && only !== undefined ? only : `${name}(${args.join(", ")}){${paths.join("|")}}`;
  return substitute(bounded(text), args);
}

/** The words of the source, with the place of what only this function knows. */
function own(frame: Frame, node: AnyNode): string {
  const { module } = frame;
  const text = textOf(module.source, node);
  const base = baseOf(node);
  const binding = base.type === "Identifier" ? module.scopes.lookUp(base.name, base) : undefined;
  if (binding === undefined || binding.within.type === "Program") return text;
  return `«${text}@${binding.within.start}»`;
}
