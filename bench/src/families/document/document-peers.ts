/** Read, change and write of a JSON document: beside packages that write files and beside SQLite, by one process and by eight. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { compareCounted, type CountedContender } from "../../measure/counted-fleet.ts";
import { unmeasured, type Row } from "../../measure/row.ts";

/** What each promises, and what it lacks beside ours. */
function contendersOf(durability: "disk" | "os"): readonly CountedContender[] {
  const isDisk = durability === "disk";
  const synchronous = isDisk ? "FULL" : "NORMAL";
  const half = isDisk ? { durability: "file synced, its name not" } : {};
  const all: readonly CountedContender[] = [
    { name: "Flockwork", way: "ours" },
    { name: `better-sqlite3, WAL, ${synchronous}`, way: "better-sqlite3", peer: "better-sqlite3" },
    { name: `node:sqlite (SQLite, WAL, ${synchronous})`, way: "node:sqlite" },
    {
      name: "proper-lockfile + write-file-atomic",
      way: "proper-lockfile + write-file-atomic",
      peer: "write-file-atomic",
      ...half,
    },
    { name: "write-file-atomic", way: "write-file-atomic", peer: "write-file-atomic", kind: "bare", ...half },
    { name: "atomically", way: "atomically", peer: "atomically", kind: "bare", ...half },
    { name: "plain fs (unsafe)", way: "plain fs", kind: "line", ...half },
  ];
  return isDisk ? all : [...all, ...neverSynced];
}

const neverSynced: readonly CountedContender[] = [
  { name: "steno", way: "steno", peer: "steno", kind: "bare" },
  { name: "lowdb", way: "lowdb", peer: "lowdb", kind: "bare" },
];

/** What cannot be asked to sync has no place beside what does. */
const skippedAtDisk: readonly Row[] = neverSynced.map(({ name }) =>
  unmeasured(`update of a document, disk: ${name}`, "skipped", "it has no way to sync what it writes"),
);

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const kilobytes of context.quick ? [10] : [10, 1_000])
    for (const processes of [1, context.quick ? 2 : 8])
      for (const durability of ["disk", "os"] as const) {
        const size = kilobytes === 1_000 ? "1 MB" : `${kilobytes} KB`;
        const who = processes === 1 ? "one process" : `${processes} processes`;
        const name = `update of a ${size} document, ${durability}, ${who}`;
        const contenders = contendersOf(durability);
        const plan = { name, what: "document", durability, processes, kilobytes, contenders } as const;
        rows.push(...(await compareCounted(context, plan)));
      }
  return [...rows, ...skippedAtDisk];
}

export const documentPeers: Group = { name: "peers", measure };
