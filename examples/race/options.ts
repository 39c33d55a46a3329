import { statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface RaceOptions {
  /** How many processes share the files. */
  readonly processes: number;
  /** How long each of the three runs lasts. */
  readonly seconds: number;
  /** An issue log to copy; undefined for one made up here. */
  readonly data: string | undefined;
}

export const usage = `Usage: npm start -- [--processes 8] [--seconds 3] [--data FILE.jsonl]

  --processes N   processes that share the two files (2 to 64)
  --seconds S     length of each of the three runs (0.3 to 60)
  --data FILE     an issue log to work on a copy of, for example .beads/issues.jsonl`;

/** @throws {RangeError | TypeError} saying what is wrong with the command line. */
export function readOptions(commandLine: readonly string[]): RaceOptions | "help" {
  const { values } = parseArgs({
    args: [...commandLine],
    options: {
      processes: { type: "string", default: "8" },
      seconds: { type: "string", default: "3" },
      data: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const processes = Number(values.processes);
  const seconds = Number(values.seconds);
  if (!Number.isInteger(processes) || processes < 2 || processes > 64)
    throw new RangeError(`--processes must be a whole number from 2 to 64, got ${values.processes}`);
  if (!(seconds >= 0.3 && seconds <= 60))
    throw new RangeError(`--seconds must be from 0.3 to 60, got ${values.seconds}`);
  // npm changes to the package's directory; the path was typed where npm was called.
  const data = values.data === undefined ? undefined : resolve(process.env["INIT_CWD"] ?? "", values.data);
  if (data !== undefined && statSync(data, { throwIfNoEntry: false })?.isFile() !== true)
    throw new RangeError(`--data names no file: ${data}`);
  return { processes, seconds, data };
}
