/** T8: wall clocks that jump, in every process another way, give nothing to two, and let nobody wait past his time (P8). */
import { ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { inParallel } from "../harness/in-parallel.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { holdings, prepareHoldings } from "./holdings.ts";
import type { Seen } from "./jumping-holder.ts";

const holder = new URL("jumping-holder.ts", import.meta.url);
const jumpingDate = fileURLToPath(new URL("jumping-date.ts", import.meta.url));
const holders = 4;

export interface ClockSizes {
  /** How often each of four processes is to have each kind of thing. */
  readonly rounds: number;
}

export const clockSizes: Readonly<Record<"test" | "short" | "long", ClockSizes>> = {
  test: { rounds: 8 },
  short: { rounds: 40 },
  long: { rounds: 500 },
};

export async function clock(context: PartContext): Promise<void> {
  await jumpClocks(context, clockSizes[context.long ? "long" : "short"]);
}

export async function jumpClocks(
  { tally, random, say }: PartContext,
  { rounds }: ClockSizes,
  kinds: readonly string[] = Object.keys(holdings),
): Promise<void> {
  for (const name of ["jumps", "grants", "refusals", "left_to_expire"]) tally.count(name, 0);
  await inParallel(1, kinds, async (kind) => {
    await tally.check(`T8, P8: of ${holders} whose clocks jump, one at a time has it: ${kind}`, () =>
      withTemporaryDirectory(async (directory) => {
        await prepareHoldings(directory);
        const seeds = Array.from({ length: holders }, () => String(random.between(1, 2 ** 31)));
        const programs = seeds.map((seed) =>
          Program.node(holder, [kind, directory, String(rounds), seed], {
            env: { FLOCKWORK_PROOF_CLOCK: seed },
            nodeFlags: [`--import=${jumpingDate}`],
          }),
        );
        await Program.finishAll(programs);
        const seen = await Promise.all(programs.map(async (each) => JSON.parse(await each.line()) as Seen));
        for (const { granted, refused, abandoned, jumps, longest } of seen) {
          tally.count("grants", granted);
          tally.count("refusals", refused);
          tally.count("left_to_expire", abandoned);
          tally.count("jumps", jumps);
          tally.highest("longest_wait", Math.ceil(longest * 100) / 100);
          ok(longest <= 2, `somebody waited ${longest} times as long as it was to wait at most`);
        }
        ok(
          seen.every(({ jumps }) => jumps > 0),
          "a clock did not jump",
        );
      }),
    );
    say(kind);
  });
}
