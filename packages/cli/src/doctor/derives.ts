/** Whether what is written comes from what was read. */
import type { AnyNode } from "acorn";
import type { Effect, Effects } from "./effects.ts";
import { frameAround, type Frame, type Module } from "./modules.ts";
import { hasParameters, isLocal } from "./paths.ts";
import type { Binding } from "./declarations.ts";
import { memberName } from "./scopes.ts";
import { isCall, isFunction, visit } from "./tree.ts";

/** The reads that expressions of a frame come from, through names, members and the functions that are called. */
export function readsBehind(
  effects: Effects,
  frame: Frame,
  expressions: readonly AnyNode[],
): { readonly reads: readonly Effect[]; readonly calls: ReadonlySet<number> } {
  const reads: Effect[] = [];
  const calls = new Set<number>();
  const seen = new Set<unknown>();
  const { scopes } = frame.module;
  const follow = (root: AnyNode): void => {
    if (seen.has(root)) return;
    seen.add(root);
    visit(root, (node) => {
      if (isCall(node)) {
        calls.add(node.end);
        const there = frameAround(frame.module, node);
        const elsewhere = there.node !== frame.node;
        const said = ({ path }: Effect): boolean => !elsewhere || (!hasParameters(path) && !isLocal(path));
        const found = effects.at(there, node).filter((each) => each.act === "read" && said(each));
        reads.push(...found);
        // Where a file lies is not what is in it.
        if (found.some(({ site }) => site.call === node)) return false;
      }
      if (node.type === "Identifier") {
        const binding = scopes.lookUp(node.name, node);
        if (binding === undefined || binding.imported !== undefined) return true;
        for (const flow of flowsAt(binding, node, frame.module)) if (!isFunction(flow)) follow(flow);
      }
      if (node.type === "MemberExpression" && node.object.type === "ThisExpression")
        for (const flow of scopes.flowsOfMember(memberName(node))) follow(flow);
      return true;
    });
  };
  for (const expression of expressions) follow(expression);
  return { reads, calls };
}

/** What a name may hold at a place: what was put there last, and what was added to it since. */
function flowsAt(binding: Binding, place: AnyNode, { source: { parents } }: Module): readonly AnyNode[] {
  const last = binding.replacements
    .filter((value) => value.end <= place.start && blockAround(parents, value).end >= place.end)
    .toSorted((one, other) => one.start - other.start)
    .at(-1);
  return last === undefined ? binding.flows : binding.flows.filter(({ start }) => start >= last.start);
}

function blockAround(parents: ReadonlyMap<AnyNode, AnyNode>, node: AnyNode): AnyNode {
  let at = node;
  for (let around = parents.get(at); around !== undefined; around = parents.get(at)) {
    at = around;
    if (
      /^(BlockStatement|SwitchCase|IfStatement|For\w*Statement|WhileStatement)$/.test(at.type) ||
      isFunction(at)
    )
      break;
  }
  return at;
}
