import type { ParseArgsConfig } from "node:util";
import type { Output } from "./output.ts";

/** One subcommand. */
export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What comes after `flockwork <name>`. */
  readonly usage: string;
  /** Options beside `--json` and `--help`, with what they mean. */
  readonly options: Readonly<Record<string, CommandOption>>;
  /** What the first argument may be, for the completions: the verbs of a store. */
  readonly verbs?: readonly string[];
  /** Arguments after `--` belong to a command of the user's and are not looked at. */
  readonly passesRest?: true;
  /** Returns the exit code. */
  run(request: Request, output: Output): Promise<number> | number;
}

export type CommandOption = NonNullable<ParseArgsConfig["options"]>[string] & {
  /** For `--help`. */
  readonly says: string;
};

/** A command line, taken apart. */
export interface Request {
  readonly positionals: readonly string[];
  /** What came after `--`. */
  readonly rest: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | undefined | readonly (string | boolean)[]>>;
}

/** A command line that makes no sense: says why, and ends with {@link exitCodes.usage}. */
export class UsageError extends Error {
  override get name(): string {
    return "UsageError";
  }
}

/** A failure that no package has an error for: says what state the disk is in, and ends with {@link exitCodes.failed}. */
export class CommandFailedError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }

  override get name(): string {
    return "CommandFailedError";
  }
}

/** What each exit code means, the same in every command. */
export const exitCodes = {
  ok: 0,
  /** The lock was not to be had in time; `doctor` found something; `inspect --quiet`: not held. */
  no: 1,
  usage: 2,
  /** The operation failed: what the message says. */
  failed: 3,
  notExecutable: 126,
  notFound: 127,
} as const;

/** An argument that names a file or a directory. @throws {UsageError} it is missing, or empty, as of a variable that is not set. */
export function pathArgument(given: string | undefined, name: string): string {
  if (given === undefined) throw new UsageError(`${name} is missing`);
  if (given === "") throw new UsageError(`${name} is empty: nothing is called so`);
  return given;
}

/** The same, of a command that takes no other. */
export function soleArgument({ positionals }: Request, name: string): string {
  const [first, ...others] = positionals;
  if (others.length > 0) throw new UsageError(`one ${name} is expected, got ${positionals.length}`);
  return pathArgument(first, name);
}
