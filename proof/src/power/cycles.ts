/** One loss of power after the other: each process looks at what the one before it left, and is cut off itself. */
import { bundled } from "../harness/bundled.ts";
import type { Program } from "../harness/program.ts";
import type { Command, Ending } from "./actor.ts";
import { type Disk, type Keeper, shutdownFlags } from "./disk.ts";
import type { Inspected } from "./inspect.ts";
import type { Acted } from "./judge.ts";
import type { Sabotage } from "./sabotage.ts";
import type { CallCounts, Script } from "./script.ts";

/** A script, what it came to, and what was found after it. */
export interface Cycle extends Acted, Inspected {
  readonly script: Script;
  /** The code of the error it ended in. */
  readonly failure: string | undefined;
  /** What failed while the power was on. */
  readonly failedBefore: string | undefined;
}

const actor = new URL("actor.ts", import.meta.url);

export interface CyclesOptions {
  /** A sync that is left out while scripts run. */
  readonly sabotage?: Sabotage;
}

/** A disk, and what is to be done on it, one power cut after the other. */
export interface Lane {
  readonly disk: Disk;
  readonly scripts: readonly Script[];
  readonly onCycle: (cycle: Cycle) => void;
}

type Acting = Omit<Cycle, keyof Inspected> & { readonly directory: string };

/**
 * Runs scripts on disks, and tells of each cycle once it was looked at. Each process goes from disk to disk, once: it sees what
 * another left there, does its script, and goes on while that disk is dark; when all are, it is killed.
 */
export async function runCycles(
  keeper: Keeper,
  lanes: readonly Lane[],
  { sabotage }: CyclesOptions = {},
): Promise<void> {
  const last = new Map<Lane, Acting>();
  const rounds = Math.max(...lanes.map(({ scripts }) => scripts.length));
  for (let round = 0; round <= rounds; round += 1) {
    const program = keeper.node(await bundled(actor));
    try {
      await program.expect("ready");
      for (const lane of lanes) await lookAt(program, lane, last.get(lane));
      last.clear();
      if (sabotage !== undefined) await ask(program, { do: "sabotage", what: sabotage });
      for (const lane of lanes) {
        const script = lane.scripts[round];
        if (script !== undefined) last.set(lane, await act(program, lane.disk, script));
      }
    } finally {
      program.kill();
      await program.dead;
    }
    for (const lane of lanes) if (last.has(lane)) await lane.disk.remount();
  }
}

async function lookAt(program: Program, { onCycle }: Lane, acting: Acting | undefined): Promise<void> {
  if (acting === undefined) return;
  const { directory, ...acted } = acting;
  const operations = acted.script.steps.map(({ operation }) => operation);
  onCycle({ ...acted, ...(await ask<Inspected>(program, { do: "inspect", directory, operations })) });
}

/** Counts the file calls of each operation, on a disk that keeps its power. */
export async function countCalls(keeper: Keeper, disk: Disk): Promise<CallCounts> {
  const program = keeper.node(await bundled(actor));
  try {
    await program.expect("ready");
    return await ask(program, { do: "count", directory: await disk.freshDirectory() });
  } finally {
    program.kill();
    await program.dead;
  }
}

async function act(program: Program, disk: Disk, script: Script): Promise<Acting> {
  const { steps, cut, flushed } = script;
  const directory = await disk.freshDirectory();
  tell(program, { do: "act", directory, steps, cut });
  let acknowledged = 0;
  let isOff = false;
  for (;;) {
    const line = await program.line();
    if (line.startsWith("acknowledged ")) {
      // What is told while the power goes proves nothing: ext4 lets an fdatasync that runs beside the ioctl succeed in vain.
      if (!isOff || cut.when !== "during") acknowledged = Number(line.slice("acknowledged ".length));
    } else if (line.startsWith("cut")) {
      isOff = true;
      await disk.cut(flushed ? shutdownFlags.flushed : shutdownFlags.lost);
      if (line === "cut") program.tell("off"); // it waits for that
    } else {
      const { begun, failure } = answerIn<Ending>(line);
      if (!isOff) await disk.cut(shutdownFlags.lost);
      const failedBefore = isOff ? undefined : failure?.message;
      const [why] = failure?.message.split("\n") ?? [];
      return { script, directory, acknowledged, begun, failure: why, failedBefore };
    }
  }
}

function tell(program: Program, command: Command): void {
  program.tell(JSON.stringify(command));
}

async function ask<R>(program: Program, command: Command): Promise<R> {
  tell(program, command);
  return answerIn<R>(await program.line());
}

function answerIn<R>(line: string): R {
  if (!line.startsWith("done ")) throw new Error(`unexpected: ${line}`);
  return JSON.parse(line.slice("done ".length)) as R;
}
