/** The programs to compare with, compiled when the bench runs. A missing compiler skips rows, loudly. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { removeScratch, scratchDirectory, scratchParent } from "./scratch.ts";

const sources = fileURLToPath(new URL("../baselines", import.meta.url));
/** Where Debian's golang-github-gofrs-flock-dev puts what `go` can build without a network. */
const debianGoPath = "/usr/share/gocode";

/** A compiled program, or why there is none. */
export type Baseline = { readonly path: string } | { readonly missing: string };

const compiled = new Map<string, Baseline>();
let programs: string | undefined;

/** Compiles `src/baselines/<source>.c` with cc -O2. */
export function cBaseline(source: string): Baseline {
  return once(`${source}.c`, (input, output) =>
    run("cc", ["-O2", "-Wall", "-Wextra", "-Werror", "-o", output, input]),
  );
}

/** Compiles a peer that locks with github.com/gofrs/flock, blocking. */
export function gofrsBaseline(source = "gofrs-section.go"): Baseline {
  if (!existsSync(join(debianGoPath, "src/github.com/gofrs/flock"))) {
    return {
      missing: "no github.com/gofrs/flock on this machine (apt-get install golang-github-gofrs-flock-dev)",
    };
  }
  return once(source, (input, output) =>
    run("go", ["build", "-o", output, input], { GO111MODULE: "off", GOPATH: debianGoPath, GOFLAGS: "" }),
  );
}

/** Compiles `src/baselines/<source>.go` with nothing but Go's own library. */
export function goBaseline(source: string): Baseline {
  return once(`${source}.go`, (input, output) =>
    run("go", ["build", "-o", output, input], { GO111MODULE: "off", GOFLAGS: "" }),
  );
}

/** Compiles `src/baselines/<source>.rs` with rustc -O. */
export function rustBaseline(source: string): Baseline {
  return once(`${source}.rs`, (input, output) =>
    run("rustc", ["-O", "--edition", "2021", "-o", output, input]),
  );
}

/** A Python program needs no compiler: its path, where there is a Python 3. */
export function pythonBaseline(source: string): Baseline {
  const failure = run("python3", ["-c", "import fcntl"]);
  return failure === undefined ? { path: join(sources, `${source}.py`) } : { missing: failure };
}

/** Something a row needs and this machine lacks: the row is skipped. Any other error is a failure of what is measured. */
export class MissingHereError extends Error {}

/** The program's path. @throws {MissingHereError} with the reason where it could not be compiled. */
export function pathOf(baseline: Baseline): string {
  if ("path" in baseline) return baseline.path;
  throw new MissingHereError(baseline.missing);
}

function once(source: string, compile: (input: string, output: string) => string | undefined): Baseline {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  programs ??= scratchDirectory(scratchParent(), "programs");
  const output = join(programs, basename(source).replace(".", "-"));
  const failure = compile(join(sources, source), output);
  const baseline = failure === undefined ? { path: output } : { missing: failure };
  compiled.set(source, baseline);
  return baseline;
}

/** Undefined on success, else one line about the failure. */
function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string | undefined {
  try {
    execFileSync(command, args, { stdio: "pipe", env: { ...process.env, ...env } });
    return undefined;
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer };
    if (code === "ENOENT") return `no ${command} on this machine`;
    return `${command} failed: ${stderr?.toString().trim().split("\n").slice(-3).join(" ") ?? String(error)}`;
  }
}

/** Removes what was compiled; the next use compiles again. */
export function removeBaselines(): void {
  if (programs !== undefined) removeScratch(programs);
  programs = undefined;
  compiled.clear();
}
