/** What happens when a call throws. */
import type { AnyNode, TryStatement } from "acorn";
import type { Module } from "./modules.ts";
import { calleeName, isCall, isFunction, leaves, visit } from "./tree.ts";

/** The innermost `try` with a `catch` around a place, within its function. */
export function guardOf({ source: { parents } }: Module, place: AnyNode): TryStatement | undefined {
  for (let inside = place, around = parents.get(place); around !== undefined; around = parents.get(inside)) {
    if (isFunction(around) && !isCall(parents.get(around))) return undefined;
    if (around.type === "TryStatement" && around.block === inside && around.handler) return around;
    inside = around;
  }
  return undefined;
}

/** Whether an error is answered with a value: the `catch` around neither throws nor ends the process. */
export function isSwallowed(module: Module, place: AnyNode): boolean {
  const handler = guardOf(module, place)?.handler;
  return handler !== undefined && handler !== null && !raises(handler.body);
}

/** Whether what follows runs even so: the `catch` around does not leave. */
export function goesOn(module: Module, place: AnyNode): boolean {
  const handler = guardOf(module, place)?.handler;
  return handler !== undefined && handler !== null && !leaves(handler.body) && !raises(handler.body);
}

function raises(body: AnyNode): boolean {
  let found = false;
  visit(body, (node) => {
    found ||= node.type === "ThrowStatement" || (isCall(node) && calleeName(node) === "exit");
    return !isFunction(node);
  });
  return found;
}
