import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { LockTimeoutError, withReadLock, withWriteLock } from "@flockwork/core";
import { type Command, exitCodes, UsageError } from "../command.ts";
import { layoutOption, lockOptionsOf, nonBlockOption, timeoutOption } from "../lock-arguments.ts";
import { plain } from "../output.ts";

const passedOn = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** Runs a command while the lock of a file is held. Exit codes as flock(1): the command's own, or `--conflict-exit-code`. */
export const execCommand: Command = {
  name: "exec",
  summary: "run a command while the lock of a file is held",
  usage: "[options] FILE -- COMMAND [ARGUMENT…]",
  passesRest: true,
  options: {
    shared: { type: "boolean", short: "s", says: "a shared lock: readers run side by side" },
    layout: layoutOption,
    timeout: timeoutOption,
    nonblock: nonBlockOption,
    "conflict-exit-code": {
      type: "string",
      short: "E",
      says: "exit code when the lock is not had in time (default 1)",
    },
  },
  async run(request, output) {
    const { positionals, rest, values } = request;
    const [file, ...others] = positionals;
    if (file === undefined || others.length > 0 || rest.length === 0)
      throw new UsageError("a FILE is expected, then -- and the command");
    const conflict = Number(values["conflict-exit-code"] ?? exitCodes.no);
    if (!Number.isInteger(conflict) || conflict < 0 || conflict > 255)
      throw new UsageError("--conflict-exit-code must be a whole number from 0 to 255");
    const withLock = values["shared"] === true ? withReadLock : withWriteLock;
    try {
      return await withLock(
        file,
        () => runProgram(rest, (line) => output.warn(line)),
        lockOptionsOf(request),
      );
    } catch (error) {
      if (!(error instanceof LockTimeoutError)) throw error;
      output.warn(`flockwork: ${plain(error.message)}`);
      return conflict;
    }
  },
};

function runProgram(
  [program = "", ...args]: readonly string[],
  warn: (line: string) => void,
): Promise<number> {
  return new Promise((resolve) => {
    // Before the command can have begun: a signal that came in between would end us, and leave it running without the lock.
    const stop = passSignals(() => child);
    const child = spawn(program, args, { stdio: "inherit" });
    child.once("error", (error: NodeJS.ErrnoException) => {
      stop();
      warn(`flockwork: cannot run ${plain(program)}: ${plain(error.message)}`);
      resolve(error.code === "ENOENT" ? exitCodes.notFound : exitCodes.notExecutable);
    });
    child.once("exit", (code, signal) => {
      stop();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** The lock is held until the command has ended, so what is to end us ends the command first. */
function passSignals(to: () => ChildProcess): () => void {
  const pass = (signal: NodeJS.Signals): void => void to().kill(signal);
  for (const signal of passedOn) process.on(signal, pass);
  return () => {
    for (const signal of passedOn) process.off(signal, pass);
  };
}
