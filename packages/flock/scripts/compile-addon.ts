// One compiler call. No node-gyp: Node-API needs two headers and no library.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { binaryName, type Target } from "./targets.ts";

/** packages/flock. */
export const packageDirectory = fileURLToPath(new URL("..", import.meta.url));
const native = join(packageDirectory, "native");

/** The directory that holds node_api.h: of `npm_config_nodedir`, else beside the running Node. */
export function findHeaders(): string {
  const beside = join(dirname(dirname(process.execPath)), "include", "node");
  const configured = process.env["npm_config_nodedir"];
  const places = configured === undefined || configured === "" ? [] : [join(configured, "include", "node")];
  const found = [...places, beside].find((place) => existsSync(join(place, "node_api.h")));
  if (found !== undefined) return found;
  throw new Error(`node_api.h is neither in ${[...places, beside].join(" nor in ")}: set npm_config_nodedir`);
}

const options = [
  "-std=gnu11",
  "-O2",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-fPIC",
  "-shared",
  "-fvisibility=hidden",
];

/** Compiles into prebuilds/ and returns the path. The old binary stays in place until the new one is whole. */
export function compileAddon(target: Target, headers: string, outputDirectory = packageDirectory): string {
  const place = `${target.platform}-${target.arch}`;
  const binary = join(outputDirectory, "prebuilds", place, binaryName(target));
  const staged = `${binary}.${process.pid}`;
  mkdirSync(dirname(binary), { recursive: true });
  compile(target.compiler, [...options, ...target.flags, "-I", headers, ...nativeSources(), "-o", staged]);
  renameSync(staged, binary);
  return binary;
}

/** Every C file of the addon, or those that do not need Node. */
export function nativeSources({ withNode = true }: { withNode?: boolean } = {}): readonly string[] {
  const files = readdirSync(native).filter((name) => name.endsWith(".c"));
  return files.filter((name) => withNode || !name.startsWith("addon")).map((name) => join(native, name));
}

/** Runs a compiler; its messages go to the terminal. */
export function compile(compiler: string, values: readonly string[]): void {
  const { status, error } = spawnSync(compiler, ["-pthread", ...values], { stdio: "inherit" });
  if (status !== 0) throw new Error(`${compiler} failed`, { cause: error });
}
