import { listLocks } from "@flockwork/core";
import { type Command, exitCodes } from "../command.ts";
import { directoryOf } from "../directory-argument.ts";
import { sayLock } from "./inspect.ts";

export const lsCommand: Command = {
  name: "ls",
  summary: "the locks of a directory: held, free, waited for",
  usage: "[options] [DIRECTORY]",
  options: { held: { type: "boolean", says: "only those that are held" } },
  run(request, output) {
    const { values } = request;
    const locks = listLocks(directoryOf(request)).filter(({ held }) => held || values["held"] !== true);
    output.result(locks);
    for (const lock of locks) sayLock(output, lock);
    if (locks.length === 0) output.say(values["held"] === true ? "no lock is held" : "no locks");
    return exitCodes.ok;
  },
};
