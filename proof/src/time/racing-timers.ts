import { deepEqual, equal, ok } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { bundled } from "../harness/bundled.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { judgeRace } from "./judge.ts";
import { openTime, type Kind } from "./stores.ts";
import { gather, type Told } from "./told.ts";

const racer = new URL("racer.ts", import.meta.url);

export interface RaceSize {
  /** Processes at once. */
  readonly racers: number;
  /** Calls of each, unless it is killed before. */
  readonly calls: number;
  /** How many of them are killed, at random moments. */
  readonly kills: number;
  /** Races in one file, one after the other. */
  readonly rounds: number;
}

/** Processes race for the timers of four actors, and some are killed: no time is counted twice, and none is lost. */
export async function racingTimers(context: PartContext, kind: Kind, size: RaceSize): Promise<void> {
  const { racers, kills, rounds } = size;
  const what =
    `P1, P2, P3: ${racers} processes race for four timers in ${kind}, ${kills} of them killed, ` +
    `${rounds === 1 ? "once" : `${rounds} times`}: nothing twice, nothing lost`;
  context.say(what);
  await context.tally.check(what, () =>
    withTemporaryDirectory(async (directory) => {
      const told: (readonly Told[])[] = [];
      for (let round = 0; round < rounds; round += 1) {
        told.push(...(await race(context, kind, directory, size)));
        await judge(context, kind, directory, told);
      }
    }),
  );
}

async function race(
  { random, tally }: PartContext,
  kind: Kind,
  directory: string,
  { racers, calls, kills }: RaceSize,
): Promise<readonly (readonly Told[])[]> {
  const told = Array.from({ length: racers }, (): Told[] => []);
  const file = await bundled(racer);
  const programs = told.map((said, at) => {
    // Two lines a call: somewhere in the first half of what it would do.
    const lines = at < kills ? random.between(1, calls) : Infinity;
    const delayMs = random.between(0, 15);
    const args = [kind, directory, `${random.between(1, 1_000_000)}`, `${calls}`];
    const program: Program = Program.node(file, args, {
      onLine(line) {
        said.push(JSON.parse(line) as Told);
        if (said.length === lines) void pause(delayMs).then(() => program.kill());
      },
    });
    return program;
  });
  let killed = 0;
  for (const [at, program] of programs.entries()) {
    const { code, signal, errors } = await program.exited;
    if (at < kills && signal === "SIGKILL") killed += 1; // or it was done sooner
    else deepEqual([code, signal], [0, null], errors);
  }
  ok(killed * 4 >= kills * 3, `only ${killed} of ${kills} were still at work`);
  tally.count("attempts", told.flat().filter(({ kind: said }) => said === "try").length);
  tally.count("refused", told.flat().filter(({ kind: said }) => said === "refused").length);
  tally.count("killed", killed);
  tally.count("killed_in_a_call", told.filter((said) => said.at(-1)?.kind === "try").length);
  return told;
}

/** All racers are gone: so are their timers, once somebody has looked. */
async function judge(
  { tally, say }: PartContext,
  kind: Kind,
  directory: string,
  told: readonly (readonly Told[])[],
): Promise<void> {
  const acknowledged = gather(told);
  const time = openTime(kind, directory);
  await time.submit({ what: "look", run: () => undefined }); // finishes what was committed, and only that
  await judgeRace(time, acknowledged);
  const before = await time.status();
  const recovered = await time.recover();
  equal(recovered.length, before.running.length, "a timer of a process that is gone was not recovered");
  await judgeRace(time, acknowledged);
  const after = await openTime(kind, directory).status();
  deepEqual([after.running, after.recovered.length - before.recovered.length], [[], recovered.length]);
  tally.highest("entries", acknowledged.entries.length);
  say(`  ${acknowledged.entries.length} entries acknowledged, ${acknowledged.refused} calls refused`);
  await time.store.close();
}
