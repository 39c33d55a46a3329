import { lstatSync, readdirSync, readFileSync, type Dirent } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { byPlace, type Finding } from "./finding.ts";
import { sourceExtensions } from "./parse-source.ts";
import { scanDataFile, scanDirectory } from "./scan-data.ts";
import { locksAmong, scanFlowForgeLock, scanLock } from "./scan-locks.ts";
import { scanSources } from "./scan-source.ts";

/** What was looked at, and what was found. */
export interface Examination {
  readonly sources: number;
  readonly dataFiles: number;
  readonly findings: readonly Finding[];
}

const passedOver = new Set(["node_modules", ".git", ".hg", "dist", "build", "coverage", "vendor"]);
const dataExtensions = new Set([".json", ".jsonl", ".ndjson"]);
/** Where other tools keep shared state: data files below are looked at, and the places themselves. */
const stores = new Set([".beads", ".gastown", ".flowforge", ".jit", ".todo2", "mayor"]);
const largestSource = 2 * 1024 * 1024;

/** Looks at every source and every shared data file below a directory. Changes nothing, takes no lock. `onProgress` hears how far it has come. */
export function examine(root: string, onProgress: (words: string) => void = () => {}): Examination {
  const findings: Finding[] = [];
  const code = new Map<string, string>();
  let [sources, dataFiles] = [0, 0];
  const look = (): void => {
    if ((sources + dataFiles) % 100 === 0) onProgress(`${sources + dataFiles} files looked at`);
  };
  const visit = (directory: string, inStore: boolean): void => {
    if (inStore || directory === root) findings.push(...scanDirectory(directory));
    const entries = entriesOf(directory);
    const locks = new Set(
      locksAmong(
        directory,
        entries.map(({ name }) => name),
      ),
    );
    for (const entry of entries) {
      const path = join(directory, entry.name);
      if (locks.has(entry.name)) {
        findings.push(...scanLock(path));
        continue;
      }
      if (entry.isDirectory()) {
        if (!passedOver.has(entry.name)) visit(path, inStore || stores.has(entry.name));
      } else if (
        entry.isFile() &&
        sourceExtensions.has(extname(entry.name)) &&
        !entry.name.endsWith(".d.ts")
      ) {
        if (lstatSync(path).size > largestSource) continue;
        sources += 1;
        look();
        code.set(below(root, path), readFileSync(path, "utf8"));
      } else if (entry.isFile() && (isData(entry.name) || inStore) && isLooked(entry.name, inStore)) {
        dataFiles += 1;
        look();
        findings.push(...scanDataFile(path));
        if (/(^|\/)\.flowforge(\/|$)/.test(directory))
          findings.push(...scanFlowForgeLock(directory, entry.name));
      }
    }
  };
  visit(root, false);
  const inData = findings.map((finding) => ({ ...finding, path: below(root, finding.path) || "." }));
  return { sources, dataFiles, findings: [...inData, ...scanSources(code, onProgress)].toSorted(byPlace) };
}

/** With slashes on every system, as specifiers and SARIF have them. */
function below(root: string, path: string): string {
  return relative(root, path).replaceAll(sep, "/");
}

function isData(name: string): boolean {
  return dataExtensions.has(extname(name));
}

/** Outside of stores only logs and left-overs: other JSON (tsconfig with comments, …) is no shared state. */
function isLooked(name: string, inStore: boolean): boolean {
  if (/\.(lock|gate|flock|db|db-wal|db-shm|sqlite|md)$/.test(name)) return false;
  return inStore ? isData(name) || /\.tmp|~$/.test(name) : [".jsonl", ".ndjson"].includes(extname(name));
}

function entriesOf(directory: string): readonly Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return []; // what may not be read may not be written either
  }
}
