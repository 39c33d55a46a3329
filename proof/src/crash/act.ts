import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Program } from "../harness/program.ts";
import type { CrashOperation } from "./crash-operation.ts";
import { Strace, type SystemCall } from "./strace.ts";

/** What one run of an operation under strace came to. */
export interface Act {
  /** Where the operation worked. */
  readonly directory: string;
  /** Whether it died before it was told to. */
  readonly killed: boolean;
  /** What it reported: `done`, or its error as JSON. Undefined when it did not get that far. */
  readonly acknowledged: string | undefined;
  readonly calls: readonly SystemCall[];
}

const actor = new URL("actor.ts", import.meta.url);

/** Writes what the operation starts from. */
export function prepare(operation: CrashOperation, directory: string): void {
  mkdirSync(directory);
  for (const file of operation.files) {
    const content = operation.content(file, 0);
    if (content !== undefined) writeFileSync(join(directory, file), content + (operation.tornTail ?? ""));
  }
}

/**
 * Runs an operation in a fresh process under strace, with `inject` in strace's own words. A string says why it cannot be.
 * @param before - Rounds done before the marks, so that nothing is opened for the first time.
 */
export async function act(
  operation: CrashOperation,
  root: string,
  before: number,
  inject?: string,
): Promise<Act | string> {
  const directory = join(root, "work");
  prepare(operation, directory);
  prepare(operation, join(root, "warm"));
  const program = Program.node(actor, [operation.name, directory, join(root, "warm"), `${before}`], {
    env: { UV_THREADPOOL_SIZE: "1" },
    nodeFlags: ["--v8-pool-size=0"], // fewer threads to attach to
  });
  await program.expect("ready");
  const log = join(root, "strace.log");
  const strace = await Strace.attach(program.pid, log, inject);
  if (typeof strace === "string") {
    program.kill();
    return strace;
  }
  writeFileSync(join(root, "go"), "");
  let acknowledged: string | undefined;
  let killed = false;
  try {
    acknowledged = (await program.line()).replace("acknowledged ", "");
  } catch {
    killed = true;
  }
  program.kill();
  await program.exited;
  await strace.finished;
  return { directory, killed, acknowledged, calls: strace.markedCalls() };
}
