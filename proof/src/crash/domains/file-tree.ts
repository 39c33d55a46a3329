import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join, relative } from "node:path";

/** Locks, and what is set aside, say nothing of what is stored. Staged files, records of commits and the locks of the dead are no such thing: they must be gone. */
const beside =
  /\.(?:lock|gate|flock|meta)(?:$|\/)|\.locks?(?:$|\/)|\.(?:torn|corrupt|replaced|backup)-|\/locks\//;
const left = /\.(?:staged|intent)$|\.broken-[0-9a-f]{32}(?:$|\/)/;

/**
 * Every file below a directory with what it holds, without what chance and the clock choose.
 * @param mayLeave - Whether those may still be there, because they could not be removed.
 */
export function fileTree(directory: string, mayLeave: boolean): readonly string[] {
  return filesBelow(directory)
    .filter((path) => !mayLeave || !left.test(path))
    .map((path) => `${settled(path)}\n${settled(contentOf(join(directory, path)))}`)
    .toSorted();
}

/** What a commit that was cut short left, and nobody has come by. */
export function unfinished(directory: string): readonly string[] {
  return filesBelow(directory)
    .filter((path) => left.test(path))
    .map(settled)
    .toSorted();
}

/** Every file below a directory with what it holds, to the byte; but for what must be gone in the end. */
export function filesAsTheyAre(directory: string): readonly string[] {
  return filesBelow(directory)
    .filter((path) => !left.test(path))
    .map((path) => `${path}\n${contentOf(join(directory, path))}`)
    .toSorted();
}

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .filter((path) => !beside.test(path));
}

function contentOf(path: string): string {
  return lstatSync(path).isSymbolicLink() ? `-> ${readlinkSync(path)}` : readFileSync(path, "utf8");
}

/** The words that every run has in common: times, ids, tokens and process ids are all one. */
function settled(text: string): string {
  return text
    .replace(/^\{"type":"joined",.*\n/gm, "") // of a queue: once by each process
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)/g, "*")
    .replace(/("(?:pid|startTicks|start_ticks|process_id|\w*[mM]s)": ?"?)[\d.]+/g, "$1*")
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "*")
    .replace(/\b(bd|int|session|handoff|job)-[0-9a-zA-Z-]{3,40}\b/g, "$1-*")
    .replace(/\d{4,}\.\d+/g, "*") // whole, however many digits: a clock since boot has ever more of them
    .replace(/\b(?=[0-9a-zA-Z_-]*\d)[0-9a-zA-Z_-]{16,}\b|\b[0-9a-f]{8,}\b|\d{4,}/g, "*")
    .replace(/\*(?:[-.:_]?\*)+/g, "*");
}
