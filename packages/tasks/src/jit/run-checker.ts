/** Runs the command of a checker as jit does: by `sh -c`, as a process group of its own that a timeout ends as a whole. */
import { spawn, type ChildProcess, type ChildProcessByStdio } from "node:child_process";
import type { Readable } from "node:stream";
import type { JitChecker } from "./checker.ts";
import type { JitGateRunStatus } from "./gate-run.ts";

/** What a command came to. */
export interface CheckerOutcome {
  readonly status: JitGateRunStatus;
  readonly exit_code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly message: string | null;
}

/** Of each of the two outputs, the last bytes are kept. */
const maxOutputBytes = 1_048_576;
/** How long output is waited for that processes which the command left behind may still write. */
const lingerMs = 1_000;
/** The longest that a timer of Node can wait. */
const maxTimeoutMs = 2_147_483_647;

/** @throws The reason of the signal: then the command was ended. Whatever else goes wrong is an outcome. */
export async function runChecker(
  { command, timeout_seconds: seconds }: JitChecker,
  cwd: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<CheckerOutcome> {
  signal?.throwIfAborted();
  const child = start(command, cwd, env);
  if (child instanceof Error) return { ...outcomeOf({ error: child }, undefined), stdout: "", stderr: "" };
  const [stdout, stderr] = [new Tail(child.stdout), new Tail(child.stderr)];
  let late = false;
  const endLate = (): void => {
    late = true;
    endGroup(child);
  };
  const abort = (): void => endGroup(child);
  const timer = setTimeout(endLate, Math.min(seconds * 1_000, maxTimeoutMs));
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const ended = await endOf(child);
    signal?.throwIfAborted();
    const outcome = outcomeOf(ended, late ? `ended: it took more than ${seconds} seconds` : undefined);
    const cut =
      stdout.isCut || stderr.isCut ? `of its output, the last ${maxOutputBytes} bytes are kept` : null;
    const message = [outcome.message, cut].filter((part) => part !== null).join("; ") || null;
    return { ...outcome, message, stdout: stdout.text, stderr: stderr.text };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** What refuses a command at once, such as one that is too long, tells of it no other way than what does so later. */
function start(
  command: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): ChildProcessByStdio<null, Readable, Readable> | Error {
  try {
    return spawn("sh", ["-c", command], { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    return error as Error;
  }
}

type End =
  | { readonly code: number | null; readonly killedBy: NodeJS.Signals | null }
  | { readonly error: Error };

/** Once its outputs are closed too, or a while after it exited where something it left behind keeps them open. */
function endOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    let linger: NodeJS.Timeout | undefined;
    child.once("error", (error) => resolve({ error }));
    child.once("exit", () => {
      linger = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, lingerMs);
    });
    child.once("close", (code, killedBy) => {
      clearTimeout(linger);
      resolve({ code, killedBy });
    });
  });
}

/** As jit judges: a command that was not found, could not be run or was killed says nothing about the work. */
function outcomeOf(end: End, late: string | undefined): Omit<CheckerOutcome, "stdout" | "stderr"> {
  const error = (message: string | null, code: number | null): ReturnType<typeof outcomeOf> => ({
    status: "error",
    exit_code: code,
    message,
  });
  if ("error" in end) return error(`could not be started: ${end.error.message}`, null);
  const { code, killedBy } = end;
  if (late !== undefined) return error(late, null);
  if (code === null) return error(`ended by ${killedBy}`, null);
  if (code === 126 || code === 127) return error("the shell could not run it", code);
  return { status: code === 0 ? "passed" : "failed", exit_code: code, message: null };
}

/** Everything that the command started. Only before it was seen to exit: its number is its own until then. */
function endGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || pid <= 1 || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // it is gone
  }
}

/** The last bytes of an output. */
class Tail {
  #chunks: Buffer[] = [];
  #bytes = 0;
  isCut = false;

  constructor(stream: Readable) {
    stream.on("data", (chunk: Buffer) => this.#add(chunk));
    stream.on("error", () => {}); // what was read is there; how the command ended is told by its exit
  }

  get text(): string {
    return Buffer.concat(this.#chunks).subarray(-maxOutputBytes).toString("utf8");
  }

  #add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes <= maxOutputBytes) return;
    this.isCut = true;
    while (this.#bytes - (this.#chunks[0]?.length ?? 0) >= maxOutputBytes)
      this.#bytes -= this.#chunks.shift()?.length ?? 0;
  }
}
