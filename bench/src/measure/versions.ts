/** Which versions were measured: of the peers, of the languages, of the programs and libraries that rows use. What this machine lacks is not in the list. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** By the name that rows use for it. */
export type Versions = Readonly<Record<string, string>>;

const programs: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  C: ["cc", "-dumpfullversion"],
  Go: ["go", "env", "GOVERSION"],
  Rust: ["rustc", "--version"],
  Python: ["python3", "--version"],
  Redis: ["redis-server", "--version"],
  "gofrs/flock": ["dpkg-query", "--show", "--showformat=${Version}", "golang-github-gofrs-flock-dev"],
  "flock(1)": ["flock", "--version"],
};

let known: Versions | undefined;

export function versions(): Versions {
  known ??= { ...packages(), ...others(), SQLite: process.versions["sqlite"] ?? "unknown" };
  return known;
}

/** All that the bench's package.json names, as they are installed. */
function packages(): Versions {
  const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, object>;
  const names = Object.keys({
    ...own["dependencies"],
    ...own["devDependencies"],
    ...own["optionalDependencies"],
  });
  const found: Record<string, string> = {};
  for (const name of names.filter((each) => !each.startsWith("@"))) {
    const file = join(root, "node_modules", name, "package.json");
    if (existsSync(file))
      found[name] = (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  }
  return found;
}

function others(): Versions {
  const found: Record<string, string> = {};
  for (const [name, [command, ...args]] of Object.entries(programs)) {
    try {
      const text = execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
      found[name] = /\d+(\.\d+)*/.exec(text)?.[0] ?? text.trim();
    } catch {
      // not on this machine: its rows say so
    }
  }
  return found;
}

/** The same text with the version after each name that is in the list and has none yet. */
export function withVersions(text: string, list: Versions): string {
  const names = Object.keys(list).toSorted((a, b) => b.length - a.length);
  if (names.length === 0) return text;
  const pattern = names.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join("|");
  return text.replaceAll(
    new RegExp(String.raw`(?<![\w:/-])(${pattern})(?![\w:/-])(?! \d)`, "g"),
    (name) => `${name} ${list[name] ?? ""}`,
  );
}

/** The commit of this checkout, with `+` when files differ from it, but for the reports. Empty outside a repository. */
export function commitOf(directory: string = root): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync("git", ["-C", directory, ...args], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
    const hash = git("rev-parse", "--short", "HEAD").trim();
    const differs = git(
      "status",
      "--porcelain",
      "--untracked-files=no",
      "--",
      ":/",
      ":(top,exclude)bench/results",
    );
    return differs.trim() === "" ? hash : `${hash}+`;
  } catch {
    return "";
  }
}
