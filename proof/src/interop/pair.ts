/** One of ours and one neighbour, and what both can be told. */
import type { Program } from "../harness/program.ts";
import type { Neighbour } from "./neighbour.ts";

/** How a program of one side is started with its verb and what follows; `way` is how ours calls the library. */
export type Side = (verb: string, args: readonly string[], way?: Way) => Program;

export type Way = "async" | "sync" | "threads";

/** A pair under examination, in a directory of its own. */
export interface Pair {
  readonly neighbour: Neighbour;
  readonly ours: Side;
  readonly theirs: Side;
  readonly directory: string;
  /** Updates of a fleet of two of ours and two of theirs. */
  readonly updates: number;
  /** How often each side dies. */
  readonly deaths: number;
  /** Whether waits of half a minute and more are worth it. */
  readonly patient: boolean;
}

export async function held(side: Side, mode: string, way?: Way): Promise<Program> {
  const program = side("hold", [mode], way);
  await program.expect("held");
  return program;
}

export async function release(program: Program): Promise<void> {
  program.tell("release");
  await program.expect("released");
  await program.finish();
}

export async function attempt(side: Side, mode: string): Promise<string> {
  const program = side("try", [mode]);
  const answer = await program.line();
  program.endInput();
  await program.finish();
  return answer;
}
