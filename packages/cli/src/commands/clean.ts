import { cleanStaleLocks, sweepStagedFiles } from "@flockwork/core";
import { type Command, exitCodes, soleArgument } from "../command.ts";
import { plain } from "../output.ts";

export const cleanCommand: Command = {
  name: "clean",
  summary: "remove lock files nobody holds, and staged files that crashes left",
  usage: "DIRECTORY",
  options: {},
  async run(request, output) {
    const directory = soleArgument(request, "DIRECTORY");
    const { removed, kept } = cleanStaleLocks(directory);
    const staged = await sweepStagedFiles(directory);
    output.result({ removed, kept, staged });
    for (const path of [...removed, ...staged]) output.say(`removed ${plain(path)}`);
    for (const path of kept) output.say(`kept    ${plain(path)}`);
    return exitCodes.ok;
  },
};
