import { isAbsolute, relative, resolve } from "node:path";
import { TaskFormatError } from "../errors.ts";
import { isObject, names } from "./files.ts";
import type { JitGate } from "./issue.ts";

/** What a gate of mode `auto` runs. jit runs it with `sh -c`, in the directory of the project or one below it. */
export interface JitChecker {
  readonly type: "exec";
  readonly command: string;
  /** It is ended after that many seconds, and has not passed. */
  readonly timeout_seconds: number;
  /** Relative to the directory of the project. */
  readonly working_dir?: string | null | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Whether the command finds the issue, the gate and its last runs in the file that `JIT_CONTEXT_FILE` names. */
  readonly pass_context?: boolean | undefined;
  /** For the context. */
  readonly prompt?: string | undefined;
  /** A file of the project that holds the prompt. */
  readonly prompt_file?: string | undefined;
}

/** What jit could not read of a checker. Undefined where it could read it all. */
export function faultOfChecker(checker: unknown): string | undefined {
  if (!isObject(checker)) return "must be an object";
  const { type, command, timeout_seconds: seconds, working_dir: directory, env, ...rest } = checker;
  const { pass_context: pass, prompt, prompt_file: file } = rest;
  if (type !== "exec") return 'type must be "exec"';
  if (typeof command !== "string" || command === "") return "command must be a non-empty string";
  if (!Number.isSafeInteger(seconds) || Number(seconds) < 0) return "timeout_seconds must be a whole number";
  for (const [name, text] of Object.entries({ working_dir: directory, prompt, prompt_file: file }))
    if (text !== undefined && text !== null && typeof text !== "string") return `${name} must be a string`;
  if (typeof file === "string" && file.includes("\0")) return "prompt_file must hold no NUL";
  if (pass !== undefined && typeof pass !== "boolean") return "pass_context must be true or false";
  const isEnvironment = isObject(env) && Object.values(env).every((value) => typeof value === "string");
  return env === undefined || isEnvironment ? undefined : "env must be an object of strings";
}

/** The checker of a gate that is to be run. @throws {TypeError | TaskFormatError} it has none that can be. */
export function checkerOf({ key, mode, checker }: JitGate): JitChecker {
  if (mode !== "auto")
    throw new TypeError(`the gate ${key} is manual: nothing can be run for it. Say pass or fail yourself`);
  if (checker === undefined)
    throw new TypeError(`the gate ${key} has no checker: define one, such as { type: "exec", command, … }`);
  const fault = faultOfChecker(checker);
  if (fault !== undefined)
    throw new TaskFormatError(`The checker of the gate ${key} in ${names.gates}`, fault);
  return checker;
}

/** A file that a checker names. @throws {TaskFormatError} it lies outside of the project. */
export function withinProject(project: string, name: string): string {
  const path = resolve(project, name);
  const way = relative(project, path);
  if (isAbsolute(way) || way.split(/[\\/]/)[0] === "..")
    throw new TaskFormatError(`prompt_file ${name}`, "lies outside of the project");
  return path;
}
