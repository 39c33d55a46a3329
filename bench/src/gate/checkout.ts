/**
 * The packages of a commit, or of a directory, laid out so that Node runs them: types stripped, nothing else changed. What they
 * depend on comes from this checkout, so that both sides of a comparison use the same.
 */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const packages = ["flock", "core", "beads", "queue", "registry", "tasks", "time-tracking"];
const probe = fileURLToPath(new URL("hot-paths.ts", import.meta.url));

/** @param what - A commit of this repository, or a directory with a checkout. @returns The program of the hot paths. */
export function prepareCheckout(what: string, directory: string): string {
  const source = existsSync(join(what, "packages/core/src"))
    ? what
    : extract(what, join(directory, "source"));
  const modules = join(directory, "node_modules");
  for (const name of packages) {
    const from = join(source, "packages", name);
    if (!existsSync(from)) continue; // it did not exist then
    const to = join(modules, "@flockwork", name);
    stripAll(join(from, "src"), join(to, "dist"));
    cpSync(join(from, "package.json"), join(to, "package.json"));
    linkDependencies(name, modules);
  }
  placeAddon(join(source, "packages/flock"), join(modules, "@flockwork/flock"));
  writeFileSync(join(directory, "hot-paths.mjs"), strip(probe));
  return join(directory, "hot-paths.mjs");
}

/** Whether a checkout that was laid out has a package of ours. */
export function hasPackage(program: string, name: string): boolean {
  return existsSync(join(dirname(program), "node_modules/@flockwork", name));
}

/** @throws {Error} with git's words, when there is no such commit. */
function extract(commit: string, into: string): string {
  mkdirSync(into, { recursive: true });
  const archive = execFileSync("git", ["-C", root, "archive", commit, "--", "packages"], {
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "pipe"],
  });
  execFileSync("tar", ["-x", "-C", into], { input: archive });
  return into;
}

function strip(path: string): string {
  const text = stripTypeScriptTypes(readFileSync(path, "utf8"));
  return text.replaceAll(/((?:from|import)\s*\(?\s*"\.[^"]*)\.ts"/g, '$1.js"');
}

function stripAll(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
    const path = join(entry.parentPath, entry.name);
    const target = join(to, `${path.slice(from.length, -".ts".length)}.js`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, strip(path));
  }
}

function linkDependencies(name: string, modules: string): void {
  const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")) as {
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    const link = join(modules, dependency);
    if (dependency.startsWith("@flockwork/") || existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(realpathSync(join(root, "packages", name, "node_modules", dependency)), link);
  }
}

/** The compiled addon of this checkout where its source is the same, else compiled from that source. */
function placeAddon(from: string, to: string): void {
  const here = join(root, "packages/flock");
  const sources = (directory: string): string =>
    readdirSync(join(directory, "native"))
      .toSorted()
      .map((name) => readFileSync(join(directory, "native", name), "latin1"))
      .join("\n");
  const isSame = sources(from) === sources(here) && existsSync(join(here, "prebuilds"));
  if (!isSame) execFileSync(process.execPath, [join(from, "scripts/build-addon.ts")], { stdio: "pipe" });
  const built = join(isSame ? here : from, "prebuilds");
  if (existsSync(built)) cpSync(built, join(to, "prebuilds"), { recursive: true });
}
