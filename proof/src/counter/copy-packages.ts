import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const packages = fileURLToPath(new URL("../../../packages/", import.meta.url));

/** Copies core, and the flock binding it uses, into a directory, as a second installation would. Returns its entry. */
export function copyCore(directory: string): string {
  copyPackage("flock", directory);
  copyPackage("core", directory);
  return join(directory, "core", "src", "index.ts");
}

function copyPackage(name: string, directory: string): void {
  const from = join(packages, name);
  const to = join(directory, name);
  for (const part of ["src", "prebuilds", "package.json"]) {
    cpSync(join(from, part), join(to, part), { recursive: true, force: true, ...quiet(from, part) });
  }
  linkModules(join(from, "node_modules"), join(to, "node_modules"), join(directory, "flock"));
}

function quiet(from: string, part: string): { filter: () => boolean } | object {
  return readdirSync(from).includes(part) ? {} : { filter: () => false };
}

/** The same third-party modules; only the flock package is the copy. */
function linkModules(from: string, to: string, flock: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (name.startsWith(".")) continue;
    if (name.startsWith("@")) linkModules(join(from, name), join(to, name), flock);
    else
      symlinkSync(from.endsWith("@flockwork") && name === "flock" ? flock : join(from, name), join(to, name));
  }
}
