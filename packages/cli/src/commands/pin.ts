import { pinLockDirectory, unpinLockDirectory } from "@flockwork/core";
import { type Command, exitCodes, pathArgument, UsageError } from "../command.ts";
import { plain } from "../output.ts";

export const pinCommand: Command = {
  name: "pin",
  summary: "keep Gas Town's programs from removing their lock files",
  usage: "[options] DIRECTORY FILE…",
  options: { undo: { type: "boolean", says: "let them remove lock files again (no FILE then)" } },
  run({ positionals, values }, output) {
    const [first, ...others] = positionals;
    const directory = pathArgument(first, "DIRECTORY");
    const names = others.map((name) => pathArgument(name, "FILE"));
    if (values["undo"] === true) {
      unpinLockDirectory(directory);
      output.result({ directory, pinned: false });
      output.say(`${plain(directory)}: lock files may be removed again`);
      return exitCodes.ok;
    }
    if (names.length === 0)
      throw new UsageError("name every data FILE: a lock file that is missing cannot be made later");
    const { lockDirectory, lockFiles } = pinLockDirectory(directory, names);
    output.result({ directory, pinned: true, lockDirectory, lockFiles });
    output.say(`${plain(lockDirectory)}: ${lockFiles.length} lock files stay`);
    if (process.getuid?.() === 0) output.warn("programs that run as root can remove them all the same");
    return exitCodes.ok;
  },
};
