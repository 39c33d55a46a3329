import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Links what a package depends on, as it is installed there, into a directory of modules. Packages of ours are not linked: both
 * sides would measure the same ones.
 *
 * @throws {Error} it depends on what is not installed, such as a dependency that a later commit has dropped.
 */
export function linkDependencies(from: string, modules: string): void {
  const { name, dependencies = {} } = JSON.parse(readFileSync(join(from, "package.json"), "utf8")) as {
    readonly name: string;
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  for (const dependency of Object.keys(dependencies)) {
    const [link, installed] = [join(modules, dependency), join(from, "node_modules", dependency)];
    if (dependency.startsWith("@flockwork/") || existsSync(link)) continue;
    if (!existsSync(installed))
      throw new Error(
        `${name} needs ${dependency}, which is not installed in ${from}. Where this checkout does without it, check the commit out elsewhere, install there, and compare that directory`,
      );
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(realpathSync(installed), link);
  }
}
