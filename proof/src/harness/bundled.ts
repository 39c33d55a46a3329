/**
 * A program that is started hundreds of times, as one file: to find and read three hundred sources takes it longer than all else.
 * It is made of the sources as they are, anew in each process of the proof.
 */
import { rmSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "rolldown";
import { temporaryDirectory } from "./temporary-directory.ts";

const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));
const made = new Map<string, Promise<URL>>();

/** Where that file is. It does not know its sources' directory: a program that looks for files beside itself cannot be bundled. */
export function bundled(program: URL): Promise<URL> {
  const path = fileURLToPath(program);
  const known = made.get(path) ?? bundle(path);
  made.set(path, known);
  return known;
}

async function bundle(path: string): Promise<URL> {
  const directory = temporaryDirectory();
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  symlinkSync(modules, join(directory, "node_modules")); // for what stays outside
  await build({
    input: path,
    platform: "node",
    external: ["@flockwork/flock"], // it looks for its addon beside itself
    resolve: { conditionNames: ["@flockwork/source", "node", "import", "default"] },
    logLevel: "silent",
    output: { dir: directory, entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs" },
  });
  return pathToFileURL(join(directory, basename(path).replace(/\.ts$/, ".mjs")));
}
