/** Which calls touch files, and how. */
import type { AnyNode, CallExpression } from "acorn";
import type { Frame } from "./modules.ts";
import { calleeName, isCall } from "./tree.ts";

/** `default`: what could not be parsed is taken for something else. */
export type FileAct = "read" | "write" | "append" | "rename" | "default";

const acts: ReadonlyMap<string, FileAct> = new Map(
  (
    [
      ["read", ["readFile", "readJson", "readJSON", "read", "loadJsonFile"]],
      [
        "write",
        ["writeFile", "writeJson", "writeJSON", "outputFile", "outputJson", "write", "writeJsonFile"],
      ],
      ["append", ["appendFile"]],
      ["rename", ["rename", "move"]],
    ] as const
  ).flatMap(([act, names]) => names.flatMap((name) => [[name, act] as const, [`${name}Sync`, act] as const])),
);
/** Only of a file that was opened: streams and loggers have them too. */
const ofDescriptors = new Set(["read", "write", "move"]);

/** What a call does to the file that it names; undefined for a stream or a logger, which have such verbs too. */
export function actOf(frame: Frame, call: CallExpression): FileAct | undefined {
  const name = calleeName(call) ?? "";
  return ofDescriptors.has(name.replace(/Sync$/, "")) && !ofFile(frame, call) ? undefined : acts.get(name);
}

/** What `JSON.parse` is handed. */
export function parsedBy(call: CallExpression): readonly AnyNode[] {
  const { callee } = call;
  const object = callee.type === "MemberExpression" ? callee.object : undefined;
  const isJson = object?.type === "Identifier" && /^(JSON|JSON5|YAML|yaml)$/.test(object.name);
  return isJson && calleeName(call) === "parse" ? call.arguments.slice(0, 1) : [];
}

/** `fs.readSync(fd, …)` of a descriptor that was opened here. */
function ofFile({ module }: Frame, { arguments: [first] }: CallExpression): boolean {
  if (first?.type !== "Identifier") return false;
  const { init } = module.scopes.lookUp(first.name, first) ?? {};
  const opened = init?.type === "AwaitExpression" ? init.argument : init;
  return isCall(opened) && /^open(Sync)?$/.test(calleeName(opened) ?? "");
}
