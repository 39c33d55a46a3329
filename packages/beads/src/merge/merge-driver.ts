import { readText, replaceFile, type LockLayout } from "@flockwork/core";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mostTextBytes } from "../issue-text.ts";
import type { MergePolicy } from "./merge-conflict.ts";
import { mergeIssueTexts } from "./merge-texts.ts";

/** Names the shape of the report; another shape gets another number. */
const reportSchema = "flockwork-beads-merge/1";

const usage = `Usage: flockwork-beads-merge [options] %O %A %B [%P]

Merges .beads/issues.jsonl for git, issue by issue and field by field. Two lines set it up:
  git config merge.beads.driver "flockwork-beads-merge %O %A %B %P"
  echo ".beads/*.jsonl merge=beads" >> .gitattributes

Options:
  --deletions-win      a line taken out wins over a change of it (default: the change wins)
  --conflicts <file>   write what both sides changed, as JSON, to a file (default: to the error output)
  --strict             exit with 1 when both sides changed something, though the file is merged

Exit codes: 0 merged, 1 merged with conflicts and --strict, 2 not merged: the file of our side is as it was`;

/** Where a driver tells what it did. */
export interface DriverOutput {
  readonly say: (text: string) => void;
}

/** A lock of its own for the file that git made for this merge: nobody else has it, and git's directories stay clean. */
const besideNothing: LockLayout = {
  name: "git-merge",
  locate: () => ({
    legs: [{ kind: "flock", path: join(tmpdir(), `flockwork-beads-merge-${process.getuid?.() ?? 0}.lock`) }],
  }),
};

/** The git merge driver: the result replaces the file of our side (%A). @returns The exit code. */
export async function runMergeDriver(args: readonly string[], output: DriverOutput): Promise<number> {
  const say = (text: string): void => output.say(shown(text));
  const options = readArguments(args);
  if (options === undefined) {
    output.say(usage);
    return args.includes("--help") ? 0 : 2;
  }
  const [base, ours, theirs] = options.paths;
  try {
    const [baseText, oursText, theirsText] = (await Promise.all(options.paths.map(readVersion))) as [
      string,
      string,
      string,
    ];
    const paths = { base: options.name ?? base, ours: options.name ?? ours, theirs: options.name ?? theirs };
    const merged = mergeIssueTexts(
      { base: baseText, ours: oursText, theirs: theirsText, paths },
      options.policy,
    );
    const report = JSON.stringify(
      { schema: reportSchema, file: paths.ours, conflicts: merged.conflicts },
      replaceBigint,
    );
    if (options.conflicts !== undefined)
      await replaceFile(options.conflicts, `${report}\n`, { layout: besideNothing });
    if (merged.text !== oursText) await replaceFile(ours, merged.text, { layout: besideNothing });
    if (merged.conflicts.length > 0 && options.conflicts === undefined) say(report);
    return merged.conflicts.length > 0 && options.strict ? 1 : 0;
  } catch (error) {
    say(`flockwork-beads-merge: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
}

/** Fit for a terminal, and in JSON still the same: lines and paths are those of whoever is merged. */
function shown(text: string): string {
  return text.replaceAll(
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** git makes all three, an empty one where a side has none: a file that is not there is a mistake, and nothing to merge by. */
async function readVersion(path: string): Promise<string> {
  const text = await readText(path, { maxBytes: mostTextBytes });
  if (text === undefined) throw new Error(`there is no file ${path}; it takes %O %A %B, as git gives them`);
  return text;
}

interface DriverArguments {
  readonly paths: readonly [string, string, string];
  readonly name: string | undefined;
  readonly policy: MergePolicy;
  readonly conflicts: string | undefined;
  readonly strict: boolean;
}

function readArguments(args: readonly string[]): DriverArguments | undefined {
  const rest = [...args];
  const paths: string[] = [];
  let [policy, conflicts, strict] = [{} as MergePolicy, undefined as string | undefined, false];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--deletions-win") policy = { deleteVersusModify: "delete" };
    else if (arg === "--strict") strict = true;
    else if (arg === "--conflicts") {
      conflicts = rest.shift();
      if (conflicts === undefined) return undefined;
    } else if (arg.startsWith("--")) return undefined;
    else paths.push(arg);
  }
  const [base, ours, theirs, name, ...more] = paths;
  if (base === undefined || ours === undefined || theirs === undefined || more.length > 0) return undefined;
  return { paths: [base, ours, theirs], name, policy, conflicts, strict };
}

function replaceBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
