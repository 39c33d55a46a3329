/** The packages as users get them: built, packed, and installed by npm. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MissingHereError } from "../../measure/baselines.ts";

export const root: string = fileURLToPath(new URL("../../../..", import.meta.url));
export const bench: string = join(root, "bench");

/** Those that programs import. */
export const ours: readonly string[] = [
  "core",
  "flock",
  "beads",
  "registry",
  "queue",
  "tasks",
  "time-tracking",
].map((name) => `@flockwork/${name}`);

/** All that is published. */
export const suite: readonly string[] = [...ours, "@flockwork/otel", "@flockwork/cli"];

/** What BullMQ is useless without, and does not bring. */
const companions: Readonly<Record<string, readonly string[]>> = { bullmq: ["ioredis"] };

/** All that ours are held against anywhere in the bench: its dependencies, but for ours, types and companions. */
export const peers: readonly string[] = dependenciesOf(join(bench, "package.json")).filter(
  (name) => !name.startsWith("@") && !Object.values(companions).flat().includes(name),
);

function dependenciesOf(manifest: string): readonly string[] {
  const { devDependencies, optionalDependencies } = readJson(manifest) as {
    readonly devDependencies: object;
    readonly optionalDependencies: object;
  };
  return Object.keys({ ...devDependencies, ...optionalDependencies });
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** What npm is asked for to have this peer in the version that is measured. Undefined where it could not be installed here. */
export function wantedOf(peer: string): readonly string[] | undefined {
  const names = [peer, ...(companions[peer] ?? [])];
  const manifests = names.map((name) => join(bench, "node_modules", name, "package.json"));
  if (!manifests.every((path) => existsSync(path))) return undefined;
  return manifests.map((path, at) => `${names[at]}@${(readJson(path) as { version: string }).version}`);
}

/** @throws {MissingHereError} where only the sources are: what users get is built. */
export function requireBuild(): void {
  if (!existsSync(join(root, "packages/core/dist/index.js")))
    throw new MissingHereError("the packages are not built: ./dev turbo run build");
}

export interface Tarball {
  readonly name: string;
  readonly path: string;
  readonly kilobytes: number;
}

export function pack(name: string, into: string): Tarball {
  mkdirSync(into, { recursive: true });
  const directory = join(root, "packages", name.slice("@flockwork/".length));
  const before = new Set(readdirSync(into));
  execFileSync("pnpm", ["pack", "--pack-destination", into], { cwd: directory, stdio: "pipe" });
  const made = readdirSync(into).find((file) => !before.has(file)) ?? "";
  return { name, path: join(into, made), kilobytes: statSync(join(into, made)).size / 1_000 };
}

/** Those whose binding is compiled when they are installed. No other one has a script that its users need. */
export const compiled: ReadonlySet<string> = new Set(["fs-ext", "os-lock"]);

/**
 * Installs into a new directory, from the cache of npm where it has what is asked for.
 *
 * @param scripts - Whether those of the packages may run.
 * @returns Milliseconds.
 */
export function install(into: string, wanted: readonly string[], scripts = false): number {
  mkdirSync(into, { recursive: true });
  const allowed = scripts ? Object.fromEntries([...compiled].map((name) => [name, true])) : {};
  writeFileSync(
    join(into, "package.json"),
    JSON.stringify({ name: "new", private: true, allowScripts: allowed }),
  );
  const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  const since = performance.now();
  execFileSync("npm", ["install", ...(scripts ? [] : ["--ignore-scripts"]), ...flags, ...wanted], {
    cwd: into,
    stdio: "pipe",
    timeout: 120_000,
  });
  return performance.now() - since;
}

export interface InstalledFile {
  /** Below node_modules. */
  readonly path: string;
  readonly bytes: number;
}

export function installedFiles(project: string): readonly InstalledFile[] {
  const modules = join(project, "node_modules");
  return readdirSync(modules, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .map((path) => ({ path: path.slice(modules.length + 1), bytes: statSync(path).size }));
}

export const bytesOf = (files: readonly InstalledFile[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0);

/** Why what was installed cannot be imported; undefined where it can. */
export function whyNotImported(project: string, name: string): string | undefined {
  try {
    execFileSync(
      process.execPath,
      ["--input-type=module", "-e", `await import("${name}"); process.exit();`],
      {
        cwd: project,
        stdio: "pipe",
        timeout: 30_000,
      },
    );
    return undefined;
  } catch (error) {
    return firstError(error);
  }
}

/** The line that names the error, of a program that failed. */
export function firstError(error: unknown): string {
  const { stderr, message } = error as { readonly stderr?: Buffer; readonly message: string };
  const lines = (stderr?.toString() ?? message).split("\n").map((line) => line.trim());
  return lines.find((line) => /error/i.test(line)) ?? message.split("\n")[0] ?? "";
}
