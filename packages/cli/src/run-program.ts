import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { constants } from "node:os";
import { exitCodes } from "./command.ts";

const passedOn = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** How a program of the user's ended. */
export interface ProgramEnd {
  /** As a shell has it: the program's own, 128 + signal, 126 or 127. */
  readonly code: number;
  /** The first signal that reached this process meanwhile and was passed on. */
  readonly passed: NodeJS.Signals | undefined;
  /** Why it could not be run at all. */
  readonly error: Error | undefined;
}

/**
 * Runs a program of the user's until it has ended, and passes on the signals that come meanwhile: what is held for it is held
 * until then, so what is to end this process ends the program first.
 */
export function runProgram(
  [program = "", ...args]: readonly string[],
  {
    input,
    stopOn,
    ...options
  }: SpawnOptions & {
    /** For its standard input, which then must be a pipe. */
    readonly input?: string;
    /** Ends the program with SIGTERM when it aborts. */
    readonly stopOn?: AbortSignal;
  },
): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    let passed: NodeJS.Signals | undefined;
    const pass = (signal: NodeJS.Signals): void => {
      passed ??= signal;
      child.kill(signal);
    };
    const stop = (): void => void child.kill("SIGTERM");
    // Before the program can have begun: a signal that came in between would end us, and leave it running.
    for (const signal of passedOn) process.on(signal, pass);
    const child: ChildProcess = spawn(program, args, options);
    stopOn?.addEventListener("abort", stop);
    child.stdin?.on("error", () => {}); // a program may end without reading what it is handed
    child.stdin?.end(input);
    const end = (code: number, error?: Error): void => {
      for (const signal of passedOn) process.off(signal, pass);
      stopOn?.removeEventListener("abort", stop);
      resolve({ code, passed, error });
    };
    child.once("error", (error: NodeJS.ErrnoException) => {
      end(error.code === "ENOENT" ? exitCodes.notFound : exitCodes.notExecutable, error);
    });
    child.once("exit", (code, signal) => {
      end(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
