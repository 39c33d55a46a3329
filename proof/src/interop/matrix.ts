/** Flockwork beside programs that lock the same file: one table, every cell a real pair or fleet of processes. */
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { describe } from "../harness/tally.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { isWanted } from "../harness/wanted.ts";
import { briefColumns, columns } from "./columns.ts";
import { gastownUser, openGastownPlace } from "./gastown-place.ts";
import { skipAbsent, type Neighbour } from "./neighbour.ts";
import { neighbours } from "./neighbours.ts";
import type { Pair, Side } from "./pair.ts";

const program = new URL("ours.ts", import.meta.url);

/** How much is asked of each pair. */
export interface PairSize extends Pick<Pair, "updates" | "deaths" | "patient"> {
  /** The neighbours of whom everything is asked; of the others, whether they exclude. Default: all. */
  readonly inFull?: readonly string[];
}

/** The rows of the table, in Markdown, head included. */
export async function matrix(context: PartContext, size: PairSize): Promise<string[]> {
  const { tally, say } = context;
  const rows = [
    `| neighbour | our layout | ${columns.map(({ name }) => name).join(" | ")} |`,
    `| --- | --- |${columns.map(() => " --- |").join("")}`,
  ];
  for (const row of rows) say(row);
  tally.count("neighbours", 0);
  for (const neighbour of neighbours.filter(({ name }) => isWanted(name))) {
    await withTemporaryDirectory(async (root) => {
      chmodSync(root, 0o755);
      const command = neighbour.prepare(root);
      const user = neighbour.pinned === true ? gastownUser() : {};
      const missing = [command, user].find((each) => typeof each === "string");
      if (typeof command === "string" || typeof user === "string")
        return void rows.push(absent(context, neighbour, String(missing)));
      tally.count("neighbours");
      const layout = neighbour.backend === undefined ? neighbour.layout : `backend ${neighbour.backend}`;
      const cells = await row(context, { neighbour, command, user, root }, size);
      rows.push(`| ${neighbour.name} | ${layout} | ${cells.join(" | ")} |`);
      say(rows.at(-1) ?? "");
      return undefined;
    });
  }
  return rows;
}

/** The row of a neighbour that cannot be had. */
function absent({ tally }: PartContext, { name, layout }: Neighbour, why: string): string {
  skipAbsent(tally, name, why, columns.length);
  return `| ${name} | ${layout} |${columns.map(() => ` ${why} |`).join("")}`;
}

interface Row {
  readonly neighbour: Neighbour;
  readonly command: readonly string[];
  readonly user: { readonly uid?: number };
  readonly root: string;
}

async function row(
  { tally }: PartContext,
  { neighbour, command, user, root }: Row,
  size: PairSize,
): Promise<string[]> {
  const cells: string[] = [];
  for (const column of columns) {
    const isBrief = neighbour.brief === true || size.inFull?.includes(neighbour.name) === false;
    const excuse = isBrief && !briefColumns.has(column.name) ? "as above" : column.excuse?.(neighbour);
    if (excuse !== undefined) {
      cells.push(excuse);
      continue;
    }
    const directory = mkdtempSync(join(root, "pair-"));
    for (const name of [neighbour.data ?? "data", ...(neighbour.furniture ?? [])]) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), "");
    }
    if (neighbour.pinned === true) openGastownPlace(join(directory, neighbour.data ?? "data"), true);
    try {
      cells.push(await column.run({ ...size, ...sidesIn(directory, { neighbour, command, user, root }) }));
      tally.pass();
    } catch (error) {
      tally.fail(`${neighbour.name}: ${column.name}`, describe(error));
      cells.push("**NO**");
    }
  }
  return cells;
}

function sidesIn(directory: string, { neighbour, command, user }: Row): Omit<Pair, keyof PairSize> {
  const data = join(directory, neighbour.data ?? "data");
  const [executable = "", ...leading] = command;
  const ours: Side = (verb, args, way = "async") =>
    Program.node(program, placed(verb, data, args), {
      env: {
        PROOF_LAYOUT: neighbour.layout,
        PROOF_BACKEND: neighbour.backend ?? "flock",
        PROOF_WAY: way,
        // Who looks seldom would meet nobody but by luck.
        PROOF_PAUSE_MS: neighbour.pollMs !== undefined && neighbour.oursPolls !== true ? "2" : "0",
      },
      ...user,
    });
  const theirs: Side = (verb, args) =>
    new Program(executable, [...leading, ...placed(verb, neighbour.lockOf(data), args)], user);
  return { neighbour, ours, theirs, directory };
}

/** `hold`, `wait` and `try` take the mode before the lock; updates take the lock before everything else. */
function placed(verb: string, lock: string, args: readonly string[]): string[] {
  return ["hold", "wait", "try"].includes(verb) ? [verb, ...args, lock] : [verb, lock, ...args];
}
