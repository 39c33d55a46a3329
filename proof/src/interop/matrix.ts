/** Flockwork beside programs that lock the same file: one table, every cell a real pair or fleet of processes. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { describe } from "../harness/tally.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { columns as allColumns, type Column, type Pair, type Side } from "./exclusion.ts";
import { neighbours, type Neighbour } from "./neighbours.ts";

const program = new URL("ours.ts", import.meta.url);

/** The rows of the table, in Markdown, head included. */
export async function matrix(
  context: PartContext,
  updates: number,
  columns: readonly Column[] = allColumns,
): Promise<string[]> {
  const { tally, say } = context;
  const rows = [
    `| neighbour | our layout | ${columns.map(({ name }) => name).join(" | ")} |`,
    `| --- | --- |${columns.map(() => " --- |").join("")}`,
  ];
  tally.count("neighbours", 0);
  for (const neighbour of neighbours) {
    await withTemporaryDirectory(async (root) => {
      const command = neighbour.prepare(root);
      if (typeof command === "string") return tally.skip(neighbour.name, command, columns.length);
      tally.count("neighbours");
      const layout = neighbour.backend === undefined ? neighbour.layout : `backend ${neighbour.backend}`;
      const cells = await row(context, neighbour, command, root, updates, columns);
      rows.push(`| ${neighbour.name} | ${layout} | ${cells.join(" | ")} |`);
      say(rows.at(-1) ?? "");
      return undefined;
    });
  }
  return rows;
}

async function row(
  { tally }: PartContext,
  neighbour: Neighbour,
  command: readonly string[],
  root: string,
  updates: number,
  columns: readonly Column[],
): Promise<string[]> {
  const cells: string[] = [];
  for (const column of columns) {
    const excuse = column.excuse?.(neighbour);
    if (excuse !== undefined) {
      cells.push(excuse);
      continue;
    }
    const directory = mkdtempSync(join(root, "pair-"));
    for (const name of [neighbour.data ?? "data", ...(neighbour.furniture ?? [])]) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), "");
    }
    try {
      cells.push(await column.run(pairIn(directory, neighbour, command, updates)));
      tally.pass();
    } catch (error) {
      tally.fail(`${neighbour.name}: ${column.name}`, describe(error));
      cells.push("**NO**");
    }
  }
  return cells;
}

function pairIn(directory: string, neighbour: Neighbour, command: readonly string[], updates: number): Pair {
  const data = join(directory, neighbour.data ?? "data");
  const [executable = "", ...leading] = command;
  const ours: Side = (verb, args, way = "async") =>
    Program.node(program, placed(verb, data, args), {
      env: { PROOF_LAYOUT: neighbour.layout, PROOF_BACKEND: neighbour.backend ?? "flock", PROOF_WAY: way },
    });
  const theirs: Side = (verb, args) =>
    new Program(executable, [...leading, ...placed(verb, neighbour.lockOf(data), args)]);
  return { neighbour, ours, theirs, directory, updates };
}

/** `hold` and `try` take the mode before the lock; updates take the lock before everything else. */
function placed(verb: string, lock: string, args: readonly string[]): string[] {
  return verb === "hold" || verb === "try" ? [verb, ...args, lock] : [verb, lock, ...args];
}
