/** A line appended to a log: beside a lock with an append inside, SQLite, packages that replace the whole file, and an append without any lock. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { compareCounted, type CountedContender } from "../../measure/counted-fleet.ts";
import type { Row } from "../../measure/row.ts";
import { replacingContenders } from "../document/replacing-contenders.ts";

/** What all of them begin with: 1,000 lines. */
const kilobytes = 300;

/** Those that replace the file show what that costs, which grows with each line: nobody keeps a log so, and they are nobody to be ahead of. */
export function contendersOf(durability: "disk" | "os", processes: number): readonly CountedContender[] {
  const synchronous = durability === "disk" ? "FULL" : "NORMAL";
  const sync = durability === "disk" ? " + fdatasync" : "";
  return [
    { name: "Flockwork", way: "ours" },
    { name: `better-sqlite3, WAL, ${synchronous}`, way: "better-sqlite3", peers: ["better-sqlite3"] },
    { name: `node:sqlite (SQLite, WAL, ${synchronous})`, way: "node:sqlite" },
    { name: `proper-lockfile + append${sync}`, way: "proper-lockfile", peers: ["proper-lockfile"] },
    ...replacingContenders(["write-file-atomic", "atomically", "steno"], durability, processes).map(
      ({ name, note, ...each }) => ({
        ...each,
        name: `${name}, read and write all`,
        kind: "line" as const,
        ...(note === undefined
          ? {}
          : { note: `${note}; its file, of ${kilobytes} KB at first, is longer with each line` }),
      }),
    ),
    { name: `plain fs append${sync} (no lock)`, way: "plain fs", kind: "line" },
  ];
}

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const processes of [1, context.quick ? 2 : 8])
    for (const durability of ["disk", "os"] as const) {
      const who = processes === 1 ? "one process" : `${processes} processes`;
      const name = `append of a line of 300 bytes, ${durability}, ${who}`;
      const contenders = contendersOf(durability, processes);
      const plan = { name, what: "log", durability, processes, kilobytes, contenders } as const;
      rows.push(...(await compareCounted(context, plan)));
    }
  return rows;
}

export const logPeers: Group = { name: "peers", measure };
