/** The functions of a tree, and the calls in each. */
import type { AnyNode, CallExpression } from "acorn";
import type { Frame, Modules } from "./modules.ts";
import { isCall, visit } from "./tree.ts";

const known = new WeakMap<AnyNode, readonly CallExpression[]>();

/** Every function with a name, and every program. */
export function framesOf(modules: Modules): readonly Frame[] {
  return [...modules.values()].flatMap((module) => [...module.named].map((node) => ({ module, node })));
}

/** The calls that run when a frame does, callbacks written in place included. */
export function callsIn({ module, node: root }: Frame): readonly CallExpression[] {
  const before = known.get(root);
  if (before !== undefined) return before;
  const calls: CallExpression[] = [];
  visit(root, (node) => {
    if (node !== root && module.named.has(node)) return false;
    if (isCall(node)) calls.push(node);
    return true;
  });
  const inOrder = calls.toSorted((one, other) => one.start - other.start || one.end - other.end);
  known.set(root, inOrder);
  return inOrder;
}
