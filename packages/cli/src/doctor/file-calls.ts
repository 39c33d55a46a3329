/** The calls of a program that read, write or look at files, and what surrounds each. */
import type { AnyNode, CallExpression, Expression, Node } from "acorn";
import { fullAncestor } from "acorn-walk";
import { textOf, type Source } from "./parse-source.ts";

export type FileAct = "read" | "write" | "append" | "exists" | "rename";

export interface FileCall {
  readonly act: FileAct;
  readonly node: CallExpression;
  /** The text of the path argument: equal texts in one scope are taken for equal paths. */
  readonly path: string;
  readonly pathNode: Expression;
  readonly line: number;
  readonly column: number;
  /** From the program down to the call. */
  readonly ancestors: readonly AnyNode[];
  /** The innermost function around it; undefined at the top. */
  readonly scope: AnyNode | undefined;
  /** Inside the work of a call that holds a lock or replaces such code. */
  readonly locked: boolean;
}

const acts: ReadonlyMap<string, FileAct> = new Map(
  (
    [
      ["read", ["readFile", "readFileSync", "readJson", "readJsonSync", "readJSON", "readJSONSync"]],
      [
        "write",
        [
          "writeFile",
          "writeFileSync",
          "writeJson",
          "writeJsonSync",
          "writeJSON",
          "writeJSONSync",
          "outputFile",
          "outputFileSync",
          "outputJson",
        ],
      ],
      ["append", ["appendFile", "appendFileSync"]],
      ["exists", ["existsSync", "pathExists", "pathExistsSync", "access", "accessSync", "exists"]],
      ["rename", ["rename", "renameSync"]],
    ] as const
  ).flatMap(([act, names]) => names.map((name) => [name, act] as const)),
);

/** Functions whose callback runs under a lock. */
const holdsLock =
  /^(with\w*Lock(Sync)?|lockAll(Sync)?|updateJson(Sync)?|transact|runExclusive|withLock|withFileLock)$/;
/** Calls after which a lock is held, until the function ends. */
const takesLock = /(^|[a-z])(acquire\w*|lock|lockSync|lockFile|lockFileSync|obtainLock|getLock)$/i;

export function fileCallsOf(source: Source): readonly FileCall[] {
  const calls: FileCall[] = [];
  fullAncestor(source.program, (node, _state, ancestors) => {
    if (node.type !== "CallExpression") return;
    const call = node as CallExpression;
    const act = acts.get(calleeName(call) ?? "");
    // What a rename puts in place is written, however carefully it was staged.
    const pathNode = call.arguments[act === "rename" ? 1 : 0];
    if (act === undefined || pathNode === undefined || pathNode.type === "SpreadElement") return;
    const above = [...(ancestors as AnyNode[])];
    calls.push({
      act: act === "rename" ? "write" : act,
      node: call,
      path: textOf(source, pathNode),
      pathNode,
      line: call.loc?.start.line ?? 0,
      column: (call.loc?.start.column ?? 0) + 1,
      ancestors: above,
      scope: above.findLast((each) => isFunction(each)),
      locked: isLocked(call, above),
    });
  });
  return calls;
}

/** `fs.promises.readFile` and `readFile` alike: the last name. */
export function calleeName({ callee }: CallExpression): string | undefined {
  if (callee.type === "Identifier") return callee.name;
  if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return undefined;
  return callee.property.name;
}

export function isFunction(node: Node): boolean {
  return ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"].includes(node.type);
}

/** Whether a call looks as if it took a lock. */
export function isLockCall(node: Node): boolean {
  return node.type === "CallExpression" && takesLock.test(calleeName(node as CallExpression) ?? "");
}

function isLocked(call: CallExpression, ancestors: readonly AnyNode[]): boolean {
  for (const [at, node] of ancestors.entries()) {
    const inside = ancestors[at + 1];
    if (
      node.type === "CallExpression" &&
      inside !== undefined &&
      isFunction(inside) &&
      holdsLock.test(calleeName(node) ?? "")
    )
      return true;
  }
  const scope = ancestors.findLast((each) => isFunction(each)) ?? ancestors[0];
  return scope !== undefined && takesLockBefore(scope, call.start);
}

function takesLockBefore(scope: AnyNode, place: number): boolean {
  let found = false;
  fullAncestor(scope, (node, _state, ancestors) => {
    if (found || node.start >= place || !isLockCall(node)) return;
    // A lock whose failure is swallowed is no lock; a lock that another function takes is not ours.
    const between = (ancestors as AnyNode[]).slice(1);
    found =
      !between.some((each) => each !== scope && isFunction(each)) && !isSwallowed(ancestors as AnyNode[]);
  });
  return found;
}

/** Inside a `try` whose `catch` goes on. */
export function isSwallowed(ancestors: readonly AnyNode[]): boolean {
  return ancestors.some((node, at) => {
    if (node.type !== "TryStatement" || node.block !== ancestors[at + 1]) return false;
    return node.handler !== null && node.handler !== undefined && !leaves(node.handler.body);
  });
}

/** Whether a block ends by leaving: throw, return, process.exit, continue or break. */
export function leaves(block: { readonly body: readonly AnyNode[] }): boolean {
  const last = block.body.at(-1);
  if (last === undefined) return false;
  if (["ThrowStatement", "ReturnStatement", "ContinueStatement", "BreakStatement"].includes(last.type))
    return true;
  return (
    last.type === "ExpressionStatement" &&
    last.expression.type === "CallExpression" &&
    calleeName(last.expression) === "exit"
  );
}
