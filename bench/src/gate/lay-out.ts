/**
 * The packages of a commit, or of a directory with a checkout, laid out as npm would install them: each built as that commit builds it.
 * What they depend on is what the directory has installed; a commit borrows this checkout's. The programs that measure are this
 * checkout's on both sides.
 */
import { execFile, execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { linkDependencies } from "./link-dependencies.ts";
import type { Side } from "./side.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const probes = fileURLToPath(new URL("probes", import.meta.url));

/** @param packages - Those that are wanted. One that did not exist then is left out. */
export async function layOut({ what, directory }: Side, packages: readonly string[]): Promise<void> {
  const source = existsSync(join(what, "packages/core/src"))
    ? resolve(what)
    : extract(what, join(directory, "source"));
  const modules = join(directory, "node_modules");
  const present = packages.filter((name) => existsSync(join(source, "packages", name)));
  for (const name of present) linkDependencies(join(source, "packages", name), modules);
  for (const name of present)
    await build(source, join(source, "packages", name), join(modules, "@flockwork", name));
  placeAddon(join(source, "packages/flock"), join(modules, "@flockwork/flock"));
  stripAll(probes, directory);
  writeFileSync(join(directory, "package.json"), '{ "type": "module" }');
}

/** @throws {Error} with git's words, when there is no such commit. */
function extract(commit: string, into: string): string {
  mkdirSync(into, { recursive: true });
  const archive = execFileSync("git", ["-C", root, "archive", commit], {
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "pipe"],
  });
  execFileSync("tar", ["-x", "-C", into], { input: archive });
  const owners = [".", ...readdirSync(join(into, "packages")).map((name) => join("packages", name))];
  for (const owner of owners) {
    const borrowed = join(root, owner, "node_modules");
    if (existsSync(borrowed)) symlinkSync(borrowed, join(into, owner, "node_modules"));
  }
  return into;
}

/** Before there was a configuration of rolldown a package was published file by file, with the types taken out. */
async function build(source: string, from: string, to: string): Promise<void> {
  const config = join(source, "rolldown.config.js");
  const rolldown = join(source, "node_modules/rolldown/bin/cli.mjs");
  if (existsSync(config))
    await promisify(execFile)(process.execPath, [rolldown, "--config", config, "--dir", join(to, "dist")], {
      cwd: from,
    });
  else stripAll(join(from, "src"), join(to, "dist"));
  cpSync(join(from, "package.json"), join(to, "package.json"));
}

function stripAll(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
    const path = join(entry.parentPath, entry.name);
    const target = join(to, `${path.slice(from.length, -".ts".length)}.js`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, strip(readFileSync(path, "utf8")));
  }
}

function strip(text: string): string {
  return stripTypeScriptTypes(text).replaceAll(/((?:from|import)\s*\(?\s*"\.[^"]*)\.ts"/g, '$1.js"');
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
