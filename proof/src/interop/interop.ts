/** T14, P1, P2, P9: Flockwork beside the programs it claims to live with. */
import type { PartContext } from "../harness/part.ts";
import { aliasesOf } from "./aliases.ts";
import { columns } from "./exclusion.ts";
import { gastownFleets } from "./gastown-fleets.ts";
import { matrix } from "./matrix.ts";
import { relations } from "./relations.ts";
import { besideRecordLocks, besideUnlinker } from "./special-neighbours.ts";
import { todo2Database } from "./todo2-database.ts";
import { writeTables } from "./write-tables.ts";

export interface InteropSize {
  /** Updates of each fleet, by two of ours and two of theirs. */
  readonly updates: number;
  /** Critical sections of each of ours beside the unlinking neighbour. */
  readonly sections: number;
  /** The columns of the table to fill. Default: all. */
  readonly columns?: readonly string[];
}

export async function interop(context: PartContext): Promise<void> {
  const size = context.long ? { updates: 10_000, sections: 20_000 } : { updates: 1_000, sections: 1_000 };
  const tables = await interopOf(context, size);
  if (process.env["FLOCKWORK_WRITE_TABLES"] === "1") writeTables(tables, context);
}

/** The tables for the documentation, by name. */
export async function interopOf(
  context: PartContext,
  { updates, sections, columns: named }: InteropSize,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const wanted = columns.filter(({ name }) => named === undefined || named.includes(name));
  const pairs = await matrix(context, updates, wanted);
  const gastown = await gastownFleets(context, updates * 4);
  await todo2Database(context, updates);
  await besideUnlinker(context, sections);
  await besideRecordLocks(context);
  await aliasesOf(context);
  await relations(context, Math.ceil(updates / 10));
  return new Map([
    ["pairs", pairs],
    ["gastown", gastown],
  ]);
}
