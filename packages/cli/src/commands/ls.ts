import { listLocks } from "@flockwork/core";
import { type Command, exitCodes, UsageError } from "../command.ts";
import { sayLock } from "./inspect.ts";

export const lsCommand: Command = {
  name: "ls",
  summary: "the locks of a directory: held, free, waited for",
  usage: "[options] [DIRECTORY]",
  options: { held: { type: "boolean", says: "only those that are held" } },
  run({ positionals, values }, output) {
    if (positionals.length > 1) throw new UsageError(`one DIRECTORY is expected, got ${positionals.length}`);
    const locks = listLocks(positionals[0] ?? ".").filter(({ held }) => held || values["held"] !== true);
    output.result(locks);
    for (const lock of locks) sayLock(output, lock);
    if (locks.length === 0) output.say(values["held"] === true ? "no lock is held" : "no locks");
    return exitCodes.ok;
  },
};
