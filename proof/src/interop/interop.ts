/** T14, P1, P2, P9: Flockwork beside the programs it claims to live with. */
import type { PartContext } from "../harness/part.ts";
import { wantedNames } from "../harness/wanted.ts";
import { aliasesOf } from "./aliases.ts";
import { beadsEras } from "./beads-eras.ts";
import { flowforgeFleet } from "./flowforge-fleet.ts";
import { gastownFleets } from "./gastown-fleets.ts";
import { lockOrderFleets } from "./lock-order-fleets.ts";
import { matrix, type PairSize } from "./matrix.ts";
import { patience } from "./patience.ts";
import { relations } from "./relations.ts";
import { besideRecordLocks, besideUnlinker } from "./special-neighbours.ts";
import { todo2Database } from "./todo2-database.ts";
import { writeTables } from "./write-tables.ts";

export interface InteropSize extends PairSize {
  /** Critical sections of each of ours beside the unlinking neighbour. */
  readonly sections: number;
  /** How often each tool that looks now and then takes its lock; 0: only the least patient of them, a few times. */
  readonly looks: number;
}

export async function interop(context: PartContext): Promise<void> {
  const size = context.long
    ? { updates: 10_000, deaths: 5, patient: true, sections: 20_000, looks: 100 }
    : { updates: 1_000, deaths: 1, patient: false, sections: 1_000, looks: 10 };
  const tables = await interopOf(context, size);
  if (process.env["FLOCKWORK_WRITE_TABLES"] === "1" && tables.size > 0) writeTables(tables, context);
}

/** The tables for the documentation, by name. */
export async function interopOf(
  context: PartContext,
  { sections, looks, ...size }: InteropSize,
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (process.platform !== "linux") {
    context.tally.skip(
      "neighbours",
      "what waits is seen in /proc, and flock and fcntl are apart, on Linux only",
    );
    return new Map();
  }
  const { updates } = size;
  const pairs = await matrix(context, size);
  if (wantedNames() !== undefined) return new Map();
  const gastown = await gastownFleets(context, updates * 4);
  await flowforgeFleet(context, updates);
  await lockOrderFleets(context, updates);
  if (looks > 0) await patience(context, looks);
  else await patience(context, 3, "jit");
  await todo2Database(context, updates);
  await beadsEras(context);
  await besideUnlinker(context, sections);
  await besideRecordLocks(context);
  await aliasesOf(context);
  await relations(context, Math.max(100, Math.ceil(updates / 10)));
  return new Map([
    ["pairs", pairs],
    ["gastown", gastown],
  ]);
}
