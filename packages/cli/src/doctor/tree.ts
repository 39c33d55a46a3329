/** Going through a syntax tree. */
import type { AnyNode, CallExpression, Node } from "acorn";

/** A function of any form. */
export type FunctionNode = Extract<
  AnyNode,
  { type: "FunctionDeclaration" | "FunctionExpression" | "ArrowFunctionExpression" }
>;

export function isFunction(node: Node | undefined): node is FunctionNode {
  return (
    node?.type === "FunctionDeclaration" ||
    node?.type === "FunctionExpression" ||
    node?.type === "ArrowFunctionExpression"
  );
}

export function isCall(node: Node | undefined): node is CallExpression {
  return node?.type === "CallExpression";
}

const known = new WeakMap<AnyNode, readonly AnyNode[]>();

/** What a node is made of; names of members are words, not nodes. */
export function childrenOf(node: AnyNode): readonly AnyNode[] {
  const before = known.get(node);
  if (before !== undefined) return before;
  const children = findChildren(node);
  known.set(node, children);
  return children;
}

function findChildren(node: AnyNode): AnyNode[] {
  const plainMember = node.type === "MemberExpression" && !node.computed;
  const plainKey = "key" in node && "computed" in node && !node.computed;
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    (plainMember && key === "property") || (plainKey && key === "key")
      ? []
      : (Array.isArray(value) ? value : [value]).filter(isNode),
  );
}

/** Every node from `root` down, in the order of the text; below a node for which `enter` says false nothing is visited. */
export function visit(root: AnyNode, enter: (node: AnyNode) => boolean | void): void {
  if (enter(root) === false) return;
  for (const child of childrenOf(root)) visit(child, enter);
}

/** What each node lies in. */
export function parentsOf(root: AnyNode): ReadonlyMap<AnyNode, AnyNode> {
  const parents = new Map<AnyNode, AnyNode>();
  visit(root, (node) => {
    for (const child of childrenOf(node)) parents.set(child, node);
  });
  return parents;
}

/** `fs.promises.readFile` and `readFile` alike: the last name. */
export function calleeName({ callee }: CallExpression): string | undefined {
  if (callee.type === "Identifier") return callee.name;
  if (callee.type !== "MemberExpression") return undefined;
  const { property } = callee;
  return property.type === "Identifier" || property.type === "PrivateIdentifier" ? property.name : undefined;
}

/** `state` of `state.servers[0].name`; `this.state` of `this.state.servers`. */
export function baseOf(node: AnyNode): AnyNode {
  if (node.type === "MemberExpression")
    return node.object.type === "ThisExpression" ? node : baseOf(node.object);
  if (node.type === "ChainExpression") return baseOf(node.expression);
  return node;
}

/** Whether a block ends by leaving: throw, return, process.exit, continue or break. */
export function leaves(statement: AnyNode | undefined): boolean {
  if (statement === undefined) return false;
  if (statement.type === "BlockStatement") return leaves(statement.body.at(-1));
  if (["ThrowStatement", "ReturnStatement", "ContinueStatement", "BreakStatement"].includes(statement.type))
    return true;
  return (
    statement.type === "ExpressionStatement" &&
    isCall(statement.expression) &&
    calleeName(statement.expression) === "exit"
  );
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value && "end" in value;
}
