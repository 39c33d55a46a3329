import {
  jsonlLog,
  listDirectory,
  LogCorruptError,
  TooLargeError,
  type JsonlLogOptions,
  type LogProblem,
  type LogSink,
} from "@flockwork/core";
import { join } from "node:path";
import { conflictMarkerOf } from "./conflict-markers.ts";
import type { Finding } from "./doctor.ts";
import { lineSchema } from "./issue-line.ts";
import { interactionSchema } from "./neighbour-files.ts";

/** What makes a line a record. */
export type LineSchema = NonNullable<JsonlLogOptions<unknown>["schema"]>;

/** The file of the issues itself. */
export const issuesFile = "issues.jsonl";

/** The files of a `.beads` directory whose every line is a record. In `routes.jsonl` there may be comments. */
export const lineFiles: Readonly<Record<string, LineSchema>> = {
  [issuesFile]: lineSchema,
  "interactions.jsonl": interactionSchema as unknown as LineSchema,
  "molecules.jsonl": lineSchema,
  "sync_base.jsonl": lineSchema,
};

/** Reads a file to its end and tells which of its lines are none. A file that is not there has none. */
export async function damageOf<T>(
  directory: string,
  file: string,
  sink: LogSink<T>,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const report = (finding: Omit<Finding, "file">): void => void findings.push({ file, ...finding });
  const schema = lineFiles[file] as never;
  const cursor = jsonlLog<T>(join(directory, file), { onCorrupt: "keep", schema }).cursor();
  const size = listDirectory(directory)?.find(({ name }) => name === file)?.bytes ?? 0;
  try {
    const { offset } = await cursor.advance(sink);
    if (size > offset)
      report({ kind: "torn-tail", message: `${size - offset} bytes behind the last whole line` });
  } catch (error) {
    if (!(error instanceof TooLargeError) && !(error instanceof LogCorruptError)) throw error;
    report({ kind: "bad-line", message: error.message });
  }
  const { first, count } = cursor.problems();
  for (const problem of first) report(findingOf(problem));
  if (count > first.length) report({ kind: "bad-line", message: `and ${count - first.length} more lines` });
  return findings;
}

function findingOf({ line, why, text }: LogProblem): Omit<Finding, "file"> {
  const marker = conflictMarkerOf(text);
  return marker === undefined
    ? { kind: "bad-line", line, message: why }
    : { kind: "conflict-marker", line, message: text ?? "" };
}
