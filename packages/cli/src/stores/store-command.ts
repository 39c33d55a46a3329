import { type Command, type CommandOption, exitCodes, type Request, UsageError } from "../command.ts";
import { plain } from "../output.ts";

/** What an action did: the value for `--json`, and lines for people. */
export interface Told {
  readonly result: unknown;
  readonly lines: readonly string[];
  /** {@link exitCodes.ok} unless it says otherwise. */
  readonly code?: number;
}

/** What an action was asked for. */
export interface Asked {
  /** The directory of the store. */
  readonly directory: string;
  /** As many arguments as its usage names, those in brackets perhaps empty. */
  readonly args: readonly [first: string, second: string];
  readonly rest: Request["rest"];
  /** The option's value, when it was given. */
  option(name: string): string | undefined;
  flag(name: string): boolean;
  /** @throws {UsageError} when it is no number. */
  number(name: string): number | undefined;
}

/** One verb of a store. */
export interface Action {
  /** Its arguments: `ID STATUS`, `[ID]`. */
  readonly usage: string;
  readonly says: string;
  run(asked: Asked): Promise<Told>;
}

interface StoreCommand {
  readonly name: string;
  readonly summary: string;
  /** What the directory is unless `--directory` names another. */
  readonly directory: string;
  readonly options: Readonly<Record<string, CommandOption>>;
  readonly actions: Readonly<Record<string, Action>>;
}

/** A command whose first argument is the verb: `flockwork tasks claim 7`. */
export function storeCommand({ name, summary, directory, options, actions }: StoreCommand): Command {
  const verbs = Object.entries(actions).map(
    ([verb, { usage, says }]) => `  ${`${verb} ${usage}`.padEnd(28)} ${says}`,
  );
  return {
    name,
    summary,
    usage: ["ACTION [options] …", "", ...verbs].join("\n"),
    passesRest: true,
    verbs: Object.keys(actions),
    options: {
      ...options,
      directory: { type: "string", short: "d", says: `where it lies (default ${directory})` },
    },
    async run(request, output) {
      const [verb, ...args] = request.positionals;
      const action = verb === undefined ? undefined : Object.hasOwn(actions, verb) && actions[verb];
      if (action === undefined || action === false)
        throw new UsageError(`${name} needs one of: ${Object.keys(actions).join(", ")}`);
      checkArguments(`${name} ${verb ?? ""}`, action.usage, args, request.rest);
      const { result, lines, code } = await action.run(asked(request, args, directory)).catch(misuse);
      output.result(result);
      for (const line of lines) output.say(plain(line));
      return code ?? exitCodes.ok;
    },
  };
}

/** A value that the package refuses came from the command line. */
function misuse(error: unknown): never {
  if (error instanceof TypeError || error instanceof RangeError)
    throw new UsageError(`${error.message}. Nothing was changed`, { cause: error });
  throw error;
}

/** Cells side by side; what is missing is left out. */
export function row(...cells: readonly unknown[]): string {
  return cells
    .filter((cell) => cell !== undefined && cell !== "")
    .map((cell) => (typeof cell === "string" ? cell : JSON.stringify(cell)))
    .join("  ");
}

/** The answer to "what is there", one line for each. */
export function listed<T>(found: readonly T[], line: (each: T) => string, none: string): Told {
  return { result: found, lines: found.length === 0 ? [none] : found.map((each) => line(each)) };
}

function checkArguments(
  action: string,
  usage: string,
  args: readonly string[],
  rest: readonly string[],
): void {
  const words = (usage.split("--")[0] ?? "").split(" ").filter((word) => /^\[?[A-Z]+\]?$/.test(word));
  const least = words.filter((word) => !word.startsWith("[")).length;
  if (args.length < least || args.length > words.length)
    throw new UsageError(`usage: flockwork ${action} ${usage}`);
  if (usage.includes("--") === (rest.length === 0))
    throw new UsageError(`usage: flockwork ${action} ${usage}`);
}

function asked({ values, rest }: Request, args: readonly string[], directory: string): Asked {
  const option = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  return {
    directory: option("directory") ?? directory,
    args: [args[0] ?? "", args[1] ?? ""],
    rest,
    option,
    flag: (name) => values[name] === true,
    number(name) {
      const text = option(name);
      if (text === undefined) return undefined;
      if (text === "" || !(Number(text) >= 0)) throw new UsageError(`--${name} must be a number, 0 or more`);
      return Number(text);
    },
  };
}
