import { appendJsonl } from "@flockwork/core";
import { type Command, exitCodes, pathArgument, UsageError } from "../command.ts";
import { layoutOption, lockOptionsOf, nonBlockOption, timeoutOption } from "../lock-arguments.ts";
import { plain } from "../output.ts";
import { readStandardInput } from "../standard-input.ts";

export const appendCommand: Command = {
  name: "append",
  summary: "append records to a JSONL file, all or none",
  usage: "[options] FILE [JSON…]   (no JSON: one record a line, from standard input)",
  options: { layout: layoutOption, timeout: timeoutOption, nonblock: nonBlockOption },
  async run(request, output) {
    const [first, ...texts] = request.positionals;
    const file = pathArgument(first, "FILE");
    const lines =
      texts.length > 0 ? texts : (await readStandardInput()).split("\n").filter((line) => line.trim() !== "");
    const records = lines.map((text, at) => parse(text, at));
    if (records.length === 0) throw new UsageError("there is nothing to append");
    const receipt = await appendJsonl(file, records, lockOptionsOf(request));
    output.result(receipt);
    output.say(`${plain(file)}: ${records.length} appended`);
    return exitCodes.ok;
  },
};

function parse(text: string, at: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`record ${at + 1} is not JSON: ${(error as Error).message}. Nothing was appended`);
  }
}
