import { statSync } from "node:fs";
import { CommandFailedError, pathArgument, type Request, UsageError } from "./command.ts";

/**
 * The one directory that a command looks at; the current one when none is named. What is not there is no directory without
 * findings.
 *
 * @throws {UsageError} there is more than one, or it is a file.
 * @throws {CommandFailedError} it cannot be looked at.
 */
export function directoryOf({ positionals }: Request): string {
  const [first = ".", ...others] = positionals;
  if (others.length > 0) throw new UsageError(`one DIRECTORY is expected, got ${positionals.length}`);
  const directory = pathArgument(first, "DIRECTORY");
  let found: boolean;
  try {
    found = statSync(directory).isDirectory();
  } catch (error) {
    const { code = "?" } = error as NodeJS.ErrnoException;
    throw new CommandFailedError(
      `cannot look at ${directory}: ${code}. Name a directory that is there`,
      code,
    );
  }
  if (!found) throw new UsageError(`a DIRECTORY is expected, and ${directory} is a file`);
  return directory;
}
