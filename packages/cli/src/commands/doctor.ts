import { writeFileSync } from "node:fs";
import { type Command, exitCodes } from "../command.ts";
import { directoryOf } from "../directory-argument.ts";
import { plain } from "../output.ts";

export const doctorCommand: Command = {
  name: "doctor",
  summary: "find damaged shared files, and code that loses updates",
  usage: "[options] [DIRECTORY]",
  options: {
    sarif: { type: "string", says: "write the findings to this file too, as SARIF 2.1.0" },
  },
  async run(request, output) {
    const { values } = request;
    const directory = directoryOf(request);
    // The parser is for this command only.
    const { examine } = await import("../doctor/examine.ts");
    const { rules } = await import("../doctor/finding.ts");
    const { toSarif } = await import("../doctor/sarif.ts");
    const examined = examine(directory, (words) => output.progress(words));
    output.progress("");
    const { findings, sources, dataFiles } = examined;
    if (typeof values["sarif"] === "string")
      writeFileSync(values["sarif"], JSON.stringify(toSarif(findings), undefined, 2));
    output.result(examined);
    for (const { rule, path, line, column, message, advice } of findings) {
      const place = line === 0 ? plain(path) : `${plain(path)}:${line}:${column}`;
      output.say(`${output.strong(place)}: ${plain(message)} (${rule})`);
      output.say(`    ${plain(advice)}`);
    }
    const kinds = new Set(findings.map(({ rule }) => rule));
    for (const kind of kinds) output.say(`${kind}: ${rules[kind]}`);
    output.say(`${sources} sources and ${dataFiles} data files looked at: ${findings.length} found`);
    return findings.length === 0 ? exitCodes.ok : exitCodes.no;
  },
};
