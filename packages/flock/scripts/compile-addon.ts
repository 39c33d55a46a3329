// One compiler call. No node-gyp: Node-API needs two headers and no library.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { binaryName, type Target } from "./targets.ts";

const packageDirectory = fileURLToPath(new URL("..", import.meta.url));
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

/** Compiles into prebuilds/ and returns the path. The old binary stays in place until the new one is whole. */
export function compileAddon(target: Target, headers: string, outputDirectory?: string): string {
  const directory = join(
    outputDirectory ?? packageDirectory,
    "prebuilds",
    `${target.platform}-${target.arch}`,
  );
  const binary = join(directory, binaryName(target));
  const staged = `${binary}.${process.pid}`;
  const sources = readdirSync(native)
    .filter((name) => name.endsWith(".c"))
    .map((name) => join(native, name));
  const options = [
    "-std=gnu11",
    "-O2",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-fPIC",
    "-shared",
    "-fvisibility=hidden",
    "-pthread",
  ];
  mkdirSync(directory, { recursive: true });
  const { status, error } = spawnSync(
    target.compiler,
    [...options, ...target.flags, "-I", headers, ...sources, "-o", staged],
    { stdio: "inherit" },
  );
  if (status !== 0) throw new Error(`${target.compiler} could not compile the addon`, { cause: error });
  renameSync(staged, binary);
  return binary;
}
