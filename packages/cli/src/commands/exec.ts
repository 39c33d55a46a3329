import { LockTimeoutError, withReadLock, withWriteLock } from "@flockwork/core";
import { type Command, exitCodes, pathArgument, UsageError } from "../command.ts";
import { failureOf } from "../failure.ts";
import { layoutOption, lockOptionsOf, nonBlockOption, timeoutOption } from "../lock-arguments.ts";
import { runProgram } from "../run-program.ts";

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
    const [first, ...others] = positionals;
    if (first === undefined || others.length > 0 || rest.length === 0)
      throw new UsageError("a FILE is expected, then -- and the command");
    const file = pathArgument(first, "FILE");
    const conflict = Number(values["conflict-exit-code"] ?? exitCodes.no);
    if (!Number.isInteger(conflict) || conflict < 0 || conflict > 255)
      throw new UsageError("--conflict-exit-code must be a whole number from 0 to 255");
    const withLock = values["shared"] === true ? withReadLock : withWriteLock;
    try {
      return await withLock(
        file,
        async () => {
          const { code, error } = await runProgram(rest, { stdio: "inherit" });
          if (error !== undefined) output.warn(`cannot run ${rest[0] ?? ""}: ${error.message}`);
          return code;
        },
        lockOptionsOf(request),
      );
    } catch (error) {
      if (!(error instanceof LockTimeoutError)) throw error;
      output.fail(failureOf(error, conflict));
      return conflict;
    }
  },
};
