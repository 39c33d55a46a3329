/** The instrument itself: a sync that is left out, as a bug would, must show. */
import type { Disk } from "./disk.ts";
import type { DiskEvent } from "./event.ts";
import type { Trace } from "./trace.ts";

/** A trace as it would have been without one of its syncs, and what that sync was for. */
export interface Mutilated {
  readonly what: string;
  readonly trace: Trace;
  /** How many events are as they were. */
  readonly from: number;
}

/** Leaves out each sync of a trace in turn. */
export function withoutEachSync(trace: Trace): Mutilated[] {
  const disk = trace.disk.copy();
  const found: Mutilated[] = [];
  for (const [from, event] of trace.events.entries()) {
    disk.apply(event);
    if (event.kind !== "sync") continue;
    const events = trace.events.filter((each) => !("sync" in each && each.sync === event.sync));
    found.push({ what: whatIsSynced(disk, event), trace: { ...trace, events }, from });
  }
  return found;
}

/** Named by what the file is, its random digits left out. */
function whatIsSynced(disk: Disk, { file }: Extract<DiskEvent, { kind: "sync" }>): string {
  if (disk.file(file).what === "directory") return "directory";
  for (const [directory, { what }] of disk.files) {
    if (what !== "directory") continue;
    for (const [name, id] of disk.namesNow(directory)) {
      if (id === file) return name.replaceAll(/[0-9a-f]{32}/g, "*").replace(/\.torn-.*/, ".torn-*");
    }
  }
  return "a file without a name";
}
