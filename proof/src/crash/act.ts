import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundled } from "../harness/bundled.ts";
import { Program } from "../harness/program.ts";
import type { CrashOperation } from "./crash-operation.ts";
import { Strace, type SystemCall } from "./strace.ts";
import type { Thread } from "./threads.ts";

/** What one run of an operation under strace came to. */
export interface Act {
  /** Where the operation worked. */
  readonly directory: string;
  /** Whether it died before it was told to. */
  readonly killed: boolean;
  /** What it reported: `done`, or its error as JSON. Undefined when it did not get that far. */
  readonly acknowledged: string | undefined;
  readonly calls: readonly SystemCall[];
  /** The same as strace listed them, with their ends, up to the acknowledgement. */
  readonly lines: readonly string[];
}

/** What else an act may need. */
export interface ActOptions {
  /** The only thread that strace looks at. */
  readonly only?: Thread;
  /** A directory to start from a copy of, instead of what the operation prepares. */
  readonly startFrom?: string | undefined;
}

const actor = new URL("actor.ts", import.meta.url);

/** Fewer threads to attach to, and no tasks of V8's own: each wakes the main thread by a `write`, as often as chance will have it. */
const steady = ["--v8-pool-size=0", "--no-incremental-marking", "--no-minor-gc-task"];

/** Writes what the operation starts from. */
function prepare(operation: CrashOperation, directory: string, startFrom?: string): void {
  if (startFrom !== undefined)
    return cpSync(startFrom, directory, { recursive: true, verbatimSymlinks: true });
  mkdirSync(directory);
  for (const file of operation.files) {
    const content = operation.content(file, 0);
    if (content === undefined) continue;
    const path = join(directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content + (operation.tornTail ?? ""));
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
  { only, startFrom }: ActOptions = {},
): Promise<Act | string> {
  const directory = join(root, "work");
  prepare(operation, directory, startFrom);
  prepare(operation, join(root, "warm"), startFrom);
  const program = Program.node(
    await bundled(operation.actor ?? actor),
    [operation.argument ?? operation.name, directory, join(root, "warm"), `${before}`],
    {
      env: { UV_THREADPOOL_SIZE: "1" },
      nodeFlags: steady,
    },
  );
  await program.expect("ready");
  const log = join(root, "strace.log");
  const strace = await Strace.attach(program.pid, log, inject, only);
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
  const calls = only === undefined ? strace.markedCalls() : strace.calls();
  return { directory, killed, acknowledged, calls, lines: strace.markedLines() };
}
