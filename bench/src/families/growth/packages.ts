/** The packages as users get them: built. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MissingHereError } from "../../measure/baselines.ts";

export const root: string = fileURLToPath(new URL("../../../..", import.meta.url));
export const bench: string = join(root, "bench");

/** Those that users install. */
export const ours: readonly string[] = [
  "core",
  "flock",
  "beads",
  "registry",
  "queue",
  "tasks",
  "time-tracking",
].map((name) => `@flockwork/${name}`);

/** Some that do one part of it each. */
export const peers: readonly string[] = [
  "proper-lockfile",
  "write-file-atomic",
  "better-sqlite3",
  "fs-ext",
  "lowdb",
  "plainjob",
];

/** @throws {MissingHereError} where only the sources are: what users get is built. */
export function requireBuild(): void {
  if (!existsSync(join(root, "packages/core/dist/index.js")))
    throw new MissingHereError("the packages are not built: ./dev turbo run build");
}
