/**
 * Programs that are started hundreds of times, each as one file: to find and read three hundred sources takes them longer than all else.
 * They are made of the sources as they are, anew in each process of the proof.
 */
import { rmSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "rolldown";
import { temporaryDirectory } from "./temporary-directory.ts";

const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));
const made = new Map<string, Promise<readonly URL[]>>();

/** Where that file is. It does not know its sources' directory: a program that looks for files beside itself cannot be bundled. */
export async function bundled(program: URL): Promise<URL> {
  const [file = program] = await bundledTogether([program]);
  return file;
}

/** The same of a program and what it imports once it runs: what both import, they share. */
export function bundledTogether(files: readonly URL[]): Promise<readonly URL[]> {
  const paths = files.map((file) => fileURLToPath(file));
  const key = paths.join("\n");
  const known = made.get(key) ?? bundle(paths);
  made.set(key, known);
  return known;
}

async function bundle(paths: string[]): Promise<readonly URL[]> {
  const directory = temporaryDirectory();
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  symlinkSync(modules, join(directory, "node_modules")); // for what stays outside
  await build({
    input: paths,
    platform: "node",
    external: ["@flockwork/flock"], // it looks for its addon beside itself
    resolve: { conditionNames: ["@flockwork/source", "node", "import", "default"] },
    logLevel: "silent",
    output: { dir: directory, entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs" },
  });
  return paths.map((path) => pathToFileURL(join(directory, basename(path).replace(/\.ts$/, ".mjs"))));
}
