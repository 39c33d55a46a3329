/** The names of a module: where each is declared, and what flows into it. */
import type { AnyNode } from "acorn";
import { declarationsOf, patternOf, type Binding } from "./declarations.ts";
import type { Source } from "./parse-source.ts";
import { baseOf, calleeName, isCall, isFunction, visit } from "./tree.ts";

export interface Scopes {
  /** What a name means at a place. */
  lookUp(name: string, place: AnyNode): Binding | undefined;
  /** What flows into `this.name`. */
  flowsOfMember(name: string): readonly AnyNode[];
}

const mutators = new Set(["push", "unshift", "set", "add", "splice", "fill", "append"]);

export function scopesOf(source: Source): Scopes {
  const bindings = new Map<string, Binding[]>();
  const members = new Map<string, AnyNode[]>();
  const declare = (binding: Binding): void => {
    const known = bindings.get(binding.name);
    if (known === undefined) bindings.set(binding.name, [binding]);
    else known.push(binding);
  };
  visit(source.program, (node) => {
    for (const binding of declarationsOf(node, source)) declare(binding);
  });
  const lookUp = (name: string, place: AnyNode): Binding | undefined => {
    let best: Binding | undefined;
    for (const binding of bindings.get(name) ?? []) {
      const { within } = binding;
      const visible = within.start <= place.start && place.end <= within.end;
      if (visible && (best === undefined || within.start >= best.within.start)) best = binding;
    }
    return best;
  };
  const flow = (target: AnyNode, value: AnyNode): Binding | undefined => {
    const base = baseOf(target);
    if (base.type === "MemberExpression") {
      const name = memberName(base);
      members.set(name, [...(members.get(name) ?? []), value]);
    }
    const binding = base.type === "Identifier" ? lookUp(base.name, base) : undefined;
    binding?.flows.push(value);
    return binding;
  };
  visit(source.program, (node) => followFlows(node, flow));
  return { lookUp, flowsOfMember: (name) => members.get(name) ?? [] };
}

export function memberName(node: AnyNode & { type: "MemberExpression" }): string {
  const { property } = node;
  return property.type === "Identifier" || property.type === "PrivateIdentifier" ? property.name : "[]";
}

function followFlows(node: AnyNode, flow: (target: AnyNode, value: AnyNode) => Binding | undefined): void {
  if (node.type === "AssignmentExpression") {
    const targets = node.left.type.endsWith("Pattern") ? patternTargets(node.left) : [node.left];
    for (const target of targets) {
      const binding = flow(target, node.right);
      if (binding === undefined || target.type !== "Identifier") continue;
      binding.changes = true;
      if (node.operator === "=") binding.replacements.push(node.right);
    }
  }
  if (!isCall(node)) return;
  const name = calleeName(node) ?? "";
  const [first, ...others] = node.arguments;
  const receiver = node.callee.type === "MemberExpression" ? node.callee.object : undefined;
  if (receiver !== undefined && mutators.has(name)) for (const each of node.arguments) flow(receiver, each);
  if (name === "assign" && first !== undefined) for (const each of others) flow(first, each);
  // The buffer of read(fd, buffer); what a callback is handed.
  if (/^read(Sync)?$/.test(name) && others[0] !== undefined) flow(others[0], node);
  for (const callback of node.arguments) {
    if (!isFunction(callback)) continue;
    const given = node.arguments.filter((each) => !isFunction(each));
    for (const parameter of callback.params)
      for (const part of patternOf(parameter)) {
        const target = { ...callback.body, type: "Identifier", name: part.name } as unknown as AnyNode;
        for (const value of [receiver, ...given]) if (value !== undefined) flow(target, value);
        flow(target, { ...node, arguments: given } as AnyNode);
      }
  }
}

function patternTargets(pattern: AnyNode): AnyNode[] {
  const targets: AnyNode[] = [];
  visit(pattern, (node) => {
    if (node.type === "Identifier") targets.push(node);
  });
  return targets;
}
