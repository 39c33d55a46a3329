/** Packages that replace a whole file and keep no lock: what each promises beside ours. */
import type { CountedContender } from "../../measure/counted-fleet.ts";

/** What they leave to chance at `disk`. */
export const halfSynced = { durability: "file synced, its name not" } as const;

/** steno and lowdb cannot be asked to sync: there is no place for them beside what does. */
const neverSync = new Set(["steno", "lowdb"]);

export function replacingContenders(
  names: readonly string[],
  durability: "disk" | "os",
  processes: number,
): readonly CountedContender[] {
  const isDisk = durability === "disk";
  // Of several processes without a lock, one writes over what the others did: nobody to be ahead of.
  const kind = processes === 1 ? "bare" : "line";
  const note = isDisk ? "it keeps no lock, and syncs no directory" : "it keeps no lock";
  return names.map((name) => {
    const contender = { name, way: name, peers: [name] };
    return isDisk && neverSync.has(name)
      ? { ...contender, kind: "line", unable: "it has no way to sync what it writes" }
      : { ...contender, kind, note, ...(isDisk ? halfSynced : {}) };
  });
}
