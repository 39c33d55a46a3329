import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";

/** Locks and what is set aside say nothing of what is stored. Staged files and records of commits are no such thing: they must be gone. */
const beside = /\.(?:lock|gate|flock|meta)(?:$|\/)|\.locks?(?:$|\/)|\.torn-|\/locks\//;

/** Every file below a directory with what it holds, without what chance and the clock choose. */
export function fileTree(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .filter(({ entry, path }) => !entry.isDirectory() && !beside.test(relative(directory, path)))
    .map(({ entry, path }) => {
      const text = entry.isSymbolicLink() ? `-> ${readlinkSync(path)}` : readFileSync(path, "utf8");
      return `${settled(relative(directory, path))}\n${settled(text)}`;
    })
    .toSorted();
}

/** The words that every run has in common. */
function settled(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)/g, "TIME")
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "UUID")
    .replace(/("(?:pid|startTicks|start_ticks|process_id|\w*[mM]s)": ?"?)[\d.]+/g, "$1N")
    .replace(/\b\d{4,}(?:\.\d+)?\b/g, "N")
    .replace(/\b(bd|T|int|session|job|pc-\d)-[0-9a-zA-Z]{3,32}\b/g, "$1-ID")
    .replace(/\b(?=[0-9a-zA-Z_-]*\d)[0-9a-zA-Z_-]{16,}\b/g, "RANDOM")
    .replace(/\b[0-9a-f]{8,}\b/g, "HEX")
    .replace(/\d{4,}(?:\.\d+)?/g, "N");
}
