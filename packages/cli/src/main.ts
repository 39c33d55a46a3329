#!/usr/bin/env node
import { parseArgs } from "node:util";
import { createRequire } from "node:module";
import { StoreError } from "@flockwork/core";
import { commands } from "./commands/index.ts";
import { exitCodes, UsageError, type Command, type Request } from "./command.ts";
import { completionScript } from "./completions.ts";
import { helpOf, helpOfAll } from "./help.ts";
import { createOutput, plain } from "./output.ts";

const common = {
  json: { type: "boolean", says: "the result as JSON on standard output" },
  help: { type: "boolean", short: "h", says: "this text" },
} as const;

/** Before a command has said how it wants its result. */
const words = createOutput(false);

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
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
  if (command === undefined)
    throw new UsageError(`there is no command ${plain(name)}; flockwork --help lists them`);
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

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    words.warn(`flockwork: ${plain(error.message)}`);
    process.exitCode = exitCodes.usage;
  } else if (error instanceof StoreError) {
    words.warn(`flockwork: ${plain(error.message)} (${error.code})`);
    process.exitCode = error.code === "ERR_LOCK_TIMEOUT" ? exitCodes.no : exitCodes.failed;
  } else {
    words.warn(
      `flockwork: ${plain(String(error instanceof Error ? (error.stack ?? error.message) : error))}`,
    );
    process.exitCode = exitCodes.failed;
  }
}
