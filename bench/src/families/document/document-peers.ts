/** Read, change and write of a JSON document: beside packages that write files and beside SQLite, by one process and by eight. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { compareCounted, type CountedContender } from "../../measure/counted-fleet.ts";
import type { Row } from "../../measure/row.ts";
import { halfSynced, replacingContenders } from "./replacing-contenders.ts";

/** What each promises, and what it lacks beside ours. */
export function contendersOf(durability: "disk" | "os", processes: number): readonly CountedContender[] {
  const isDisk = durability === "disk";
  const synchronous = isDisk ? "FULL" : "NORMAL";
  const half = isDisk ? halfSynced : {};
  return [
    { name: "Flockwork", way: "ours" },
    { name: `better-sqlite3, WAL, ${synchronous}`, way: "better-sqlite3", peers: ["better-sqlite3"] },
    { name: `node:sqlite (SQLite, WAL, ${synchronous})`, way: "node:sqlite" },
    {
      name: "proper-lockfile + write-file-atomic",
      way: "proper-lockfile + write-file-atomic",
      peers: ["proper-lockfile", "write-file-atomic"],
      ...(isDisk ? { kind: "bare", note: "it syncs no directory" } : {}),
      ...half,
    },
    ...replacingContenders(["write-file-atomic", "atomically", "steno", "lowdb"], durability, processes),
    { name: "plain fs (unsafe)", way: "plain fs", kind: "line", ...half },
  ];
}

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const kilobytes of context.quick ? [10] : [10, 1_000])
    for (const processes of [1, context.quick ? 2 : 8])
      for (const durability of ["disk", "os"] as const) {
        const size = kilobytes === 1_000 ? "1 MB" : `${kilobytes} KB`;
        const who = processes === 1 ? "one process" : `${processes} processes`;
        const name = `update of a ${size} document, ${durability}, ${who}`;
        const contenders = contendersOf(durability, processes);
        const plan = { name, what: "document", durability, processes, kilobytes, contenders } as const;
        rows.push(...(await compareCounted(context, plan)));
      }
  return rows;
}

export const documentPeers: Group = { name: "peers", measure };
