#!/usr/bin/env node
import { parseArgs } from "node:util";
import { createRequire } from "node:module";
import { commands } from "./commands/index.ts";
import { exitCodes, UsageError, type Command, type Request } from "./command.ts";
import { completionScript } from "./completions.ts";
import { failureOf } from "./failure.ts";
import { helpOf, helpOfAll } from "./help.ts";
import { createOutput, plain } from "./output.ts";

const common = {
  json: { type: "boolean", says: "the result as JSON on standard output" },
  help: { type: "boolean", short: "h", says: "this text" },
} as const;

/** Before a command has said how it wants its result. */
const words = createOutput(false);

async function main(all: readonly string[]): Promise<number> {
  const [name, ...rest] = all;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const about = commands.get(rest[0] ?? "");
    words.say(about === undefined ? helpOfAll(commands) : helpOf(about, common));
    return name === undefined ? exitCodes.usage : exitCodes.ok;
  }
  if (name === "--version") {
    const { version } = createRequire(import.meta.url)("../package.json") as { version: string };
    words.say(version);
    return exitCodes.ok;
  }
  if (name === "completions") {
    words.say(completionScript(rest[0], commands, common));
    return exitCodes.ok;
  }
  const command = commands.get(name);
  if (command === undefined) throw new UsageError(`there is no command ${name}; flockwork --help lists them`);
  const request = take(command, rest);
  if (request.values["help"] === true) {
    words.say(helpOf(command, common));
    return exitCodes.ok;
  }
  return await command.run(request, createOutput(request.values["json"] === true));
}

function take(command: Command, args: readonly string[]): Request {
  const end = args.indexOf("--");
  const own = end === -1 ? args : args.slice(0, end);
  const rest = end === -1 ? [] : args.slice(end + 1);
  try {
    const { positionals, values } = parseArgs({
      args: [...own, ...(command.passesRest === true ? [] : rest)],
      options: { ...command.options, ...common },
      allowPositionals: true,
    });
    return { positionals, values: values as Request["values"], rest };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

const args = process.argv.slice(2);
hearClosedPipes();
showWarningsPlain();
try {
  process.exitCode = await main(args);
} catch (error) {
  const failure = failureOf(error);
  createOutput(asksForJson(args)).fail(failure);
  process.exitCode = failure.exitCode;
}

/** Known before the command line is: what is wrong with it is told in the same way. */
function asksForJson(all: readonly string[]): boolean {
  const end = all.indexOf("--");
  return (end === -1 ? all : all.slice(0, end)).includes("--json");
}

/** Node writes warnings to standard error by itself, as they are: they name files, which anybody may have named. */
function showWarningsPlain(): void {
  process.prependListener("warning", (warning) => {
    warning.message = plain(warning.message);
    if (warning.stack !== undefined) warning.stack = warning.stack.split("\n").map(plain).join("\n");
  });
}

/** Who reads no further wants no more: `flockwork ls | head -1`. What the command does to files, and its exit code, stay the same. */
function hearClosedPipes(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    process.stderr.write(`flockwork: standard output cannot be written: ${error.message}\n`);
    process.once("exit", () => (process.exitCode = exitCodes.failed));
  });
  process.stderr.on("error", () => {}); // there is nobody left to tell
}
