import { exitCodes, type Command, type CommandOption } from "./command.ts";

type Options = Readonly<Record<string, CommandOption>>;

export function helpOfAll(commands: ReadonlyMap<string, Command>): string {
  const names = [...commands.values()].map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`);
  return [
    "usage: flockwork <command> [--json] …",
    "",
    ...names,
    `  ${"completions".padEnd(12)} print the completions for bash, zsh or fish`,
    "",
    "flockwork <command> --help tells more.",
    "",
    "exit codes:",
    `  ${exitCodes.ok}    done`,
    `  ${exitCodes.no}    the lock was not had in time; doctor: something was found; inspect --quiet: it is free`,
    `  ${exitCodes.usage}    the command line makes no sense`,
    `  ${exitCodes.failed}    it failed, and the message says what state the disk is in`,
    "  other exec, queue work: the exit code of the command that was run, 128 + signal, 126 and 127 as in a shell",
  ].join("\n");
}

export function helpOf({ name, summary, usage, options }: Command, common: Options): string {
  const lines = Object.entries({ ...options, ...common }).map(([option, { short, type, says }]) => {
    const value = type === "string" ? " VALUE" : "";
    return `  ${short === undefined ? "   " : `-${short},`} --${`${option}${value}`.padEnd(26)} ${says}`;
  });
  return [`usage: flockwork ${name} ${usage}`, "", summary, "", ...lines].join("\n");
}
