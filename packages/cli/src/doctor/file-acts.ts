/** Which calls touch files, and how. */
import type { AnyNode, CallExpression } from "acorn";
import type { Frame } from "./modules.ts";
import { memberOf } from "./paths.ts";
import { calleeName, isCall } from "./tree.ts";

/** `default`: what could not be parsed is taken for something else. */
export type FileAct = "read" | "write" | "append" | "rename" | "default";

/** A call that touches a file. */
export interface Touch {
  readonly act: FileAct;
  /** What names the file. */
  readonly path: AnyNode;
  /** What is written. */
  readonly content?: AnyNode | undefined;
}

const names: readonly (readonly [FileAct, string])[] = [
  ["read", "readFile readTextFile readJson readJSON loadJsonFile createReadStream read"],
  ["write", "writeFile writeTextFile writeFileAtomic outputFile write"],
  ["write", "writeJson writeJSON outputJson outputJSON writeJsonFile"],
  ["append", "appendFile"],
  ["rename", "rename move"],
];
const acts: ReadonlyMap<string, FileAct> = new Map(
  names.flatMap(([act, words]) =>
    words.split(" ").flatMap((name) => [[name, act] as const, [`${name}Sync`, act] as const]),
  ),
);
/** Only of a file that was opened: streams and loggers have them too. */
const ofDescriptors = new Set(["read", "write", "move"]);

/** What a call does to which file; undefined for a stream or a logger, which have such verbs too. */
export function touchOf(frame: Frame, call: CallExpression): Touch | undefined {
  const name = calleeName(call) ?? "";
  const act = acts.get(name);
  if (act === undefined) return undefined;
  const [first, second] = call.arguments;
  const { callee } = call;
  const handle = callee.type === "MemberExpression" ? openedAs(frame, callee.object) : undefined;
  if (handle?.path !== undefined)
    return { act: act === "write" && handle.appends ? "append" : act, path: handle.path, content: first };
  if (first === undefined) return undefined;
  const descriptor = openedAs(frame, first);
  if (ofDescriptors.has(name.replace(/Sync$/, "")) && descriptor === undefined) return undefined;
  if (act === "rename") return second === undefined ? undefined : { act, path: second };
  return {
    act: act === "write" && descriptor?.appends === true ? "append" : act,
    path: first,
    content: second,
  };
}

/** What `JSON.parse` is handed. */
export function parsedBy(call: CallExpression): readonly AnyNode[] {
  const { callee } = call;
  const object = callee.type === "MemberExpression" ? callee.object : undefined;
  const isJson = object?.type === "Identifier" && /^(JSON|JSON5|YAML|yaml)$/.test(object.name);
  return isJson && calleeName(call) === "parse" ? call.arguments.slice(0, 1) : [];
}

/** Of a descriptor, a handle or a stream that was opened here: which file, and whether what is written goes to its end. */
function openedAs(
  { module }: Frame,
  node: AnyNode,
): { readonly path: AnyNode | undefined; readonly appends: boolean } | undefined {
  if (node.type !== "Identifier") return undefined;
  const { init } = module.scopes.lookUp(node.name, node) ?? {};
  const opened = init?.type === "AwaitExpression" ? init.argument : init;
  if (!isCall(opened) || !/^(open(Sync)?|createWriteStream)$/.test(calleeName(opened) ?? ""))
    return undefined;
  const [path, mode] = opened.arguments;
  const flags = memberOf(mode, "flags") ?? mode;
  const appends = flags?.type === "Literal" && /^as?$/.test(String(flags.value)); // "a+" reads, too
  return { path, appends };
}
