/** Flockwork beside programs in other languages that lock the same file: one table, every cell a real pair of processes. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { describe } from "../harness/tally.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { exclusions, type Side } from "./exclusion.ts";
import { neighbours, type Neighbour } from "./neighbours.ts";
import { besideRecordLocks, besideUnlinker } from "./special-neighbours.ts";

export interface InteropSize {
  /** Updates of the mixed counter, by two of ours and two of theirs. */
  readonly increments: number;
  /** Critical sections of each of ours beside the unlinking neighbour. */
  readonly sections: number;
}

export async function interop(context: PartContext): Promise<void> {
  await interopOf(
    context,
    context.long ? { increments: 20_000, sections: 20_000 } : { increments: 2_000, sections: 1_000 },
  );
}

export async function interopOf(context: PartContext, size: InteropSize): Promise<void> {
  const { tally, say } = context;
  tally.count("neighbours", 0);
  say(`| neighbour | ${exclusions.map(({ name }) => name).join(" | ")} |`);
  say(`| --- |${exclusions.map(() => " --- |").join("")}`);
  for (const neighbour of neighbours) {
    await withTemporaryDirectory(async (root) => {
      const command = neighbour.prepare(root);
      if (typeof command === "string") {
        tally.skip(neighbour.name, command, exclusions.length);
        return;
      }
      tally.count("neighbours");
      say(`| ${neighbour.name} | ${(await row(context, neighbour, command, root, size)).join(" | ")} |`);
    });
  }
  await besideUnlinker(context, size.sections);
  await besideRecordLocks(context);
}

async function row(
  { tally }: PartContext,
  neighbour: Neighbour,
  command: readonly string[],
  root: string,
  size: InteropSize,
): Promise<string[]> {
  const cells: string[] = [];
  for (const exclusion of exclusions) {
    const directory = mkdtempSync(join(root, "pair-"));
    writeFileSync(join(directory, "data"), "");
    try {
      await exclusion.run(ours, theirs(command), directory, size.increments);
      tally.pass();
      cells.push("yes");
    } catch (error) {
      tally.fail(`${neighbour.name}: ${exclusion.name}`, describe(error));
      cells.push("NO");
    }
  }
  return cells;
}

const program = new URL("ours.ts", import.meta.url);

const ours: Side = (verb, mode, directory) => {
  const data = join(directory, "data");
  return Program.node(
    program,
    verb === "count" ? [verb, data, join(directory, "counter"), mode] : [verb, mode, data],
  );
};

function theirs([command = "", ...args]: readonly string[]): Side {
  return (verb, mode, directory) => {
    const lock = join(directory, "data.lock");
    const rest = verb === "count" ? [verb, lock, join(directory, "counter"), mode] : [verb, mode, lock];
    return new Program(command, [...args, ...rest]);
  };
}
