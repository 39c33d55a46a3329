/** What is wrong with the locks that lie about, without opening or taking any of them. */
import { lstatSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { inspectLock } from "@flockwork/core";
import { span } from "../output.ts";
import type { Finding, RuleName } from "./finding.ts";
import { isOpenToAll } from "./scan-data.ts";

/** How long proper-lockfile's directory may stand without having been touched: many times its own 10 seconds. */
const leaseMs = 60_000;

/** Where neighbours keep locks for the files of the directory above; beside a file is its `<file>.lock`. */
const lockDirectories = new Set(["locks", ".locks"]);

/** Of what lies in a directory, what is the lock of a data file; not what package managers call so. */
export function locksAmong(directory: string, names: readonly string[]): readonly string[] {
  const all = new Set(names);
  return names.filter(
    (name) =>
      /\.(lock|flock)$/.test(name) &&
      (all.has(name.replace(/\.(lock|flock)$/, "")) || lockDirectories.has(basename(directory))),
  );
}

export function scanLock(path: string): readonly Finding[] {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  const found = (rule: RuleName, message: string, advice: string): Finding[] => [
    { rule, path, line: 0, column: 0, message, advice },
  ];
  if (stats.isDirectory()) {
    const age = Date.now() - stats.mtimeMs;
    if (age < leaseMs || dirname(path).includes(".flowforge")) return [];
    const message = `the lock of proper-lockfile or of mkdir stands untouched for ${span(age)}`;
    return found(
      "stale-lock",
      message,
      "make sure that nobody works, then remove it: it keeps everybody out",
    );
  }
  const reason = unsafe(stats);
  if (reason !== undefined)
    return found(
      "unsafe-lock",
      reason,
      "make sure that nobody works, then remove it: it is made anew, and right",
    );
  if (isOpenToAll(stats.mode))
    return found("open-permissions", "every user may hold this lock for ever", "chmod o-w");
  return [];
}

function unsafe(stats: Stats): string | undefined {
  if (stats.isSymbolicLink()) return "the lock is a symbolic link: who locks it locks another file";
  if (!stats.isFile()) return "the lock is no regular file";
  if (stats.nlink > 1)
    return "the lock has several names: two files share it, or it was put there on purpose";
  const own = process.geteuid?.();
  if (own !== undefined && own !== 0 && stats.uid !== own && stats.uid !== 0)
    return `the lock belongs to another user, ${stats.uid}`;
  return undefined;
}

/** A lock of FlowForge's that stands, although nobody who runs has made it. */
export function scanFlowForgeLock(directory: string, name: string): readonly Finding[] {
  const path = join(directory, name);
  const root = /^(?:.*\/)?\.flowforge(?=\/|$)/.exec(directory)?.[0] ?? directory;
  const standing = [join(root, ".locks", `${name}.lock`), `${path}.lock`].find(
    (lock) => lstatSync(lock, { throwIfNoEntry: false }) !== undefined,
  );
  if (standing === undefined) return [];
  const place = { path: standing, line: 0, column: 0 } as const;
  const advice = "the next change through @flockwork/core takes it over; FlowForge's own scripts wait for it";
  try {
    const { held, holders } = inspectLock(path, { layout: "flowforge" });
    if (held && holders.length > 0) return [];
    const message = `the lock of ${name} stands, and nobody who runs here has it`;
    return [{ ...place, rule: "stale-lock", message, advice }];
  } catch (error) {
    const { message } = error as Error; // another protocol's, or one that cannot be read
    return [
      { ...place, rule: "unsafe-lock", message, advice: "look at it, and remove it when nobody works" },
    ];
  }
}
