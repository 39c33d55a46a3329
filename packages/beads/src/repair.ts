import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  DocumentCorruptError,
  jsonlLog,
  readText,
  RecordLine,
  replaceFile,
  type LogEntry,
} from "@flockwork/core";
import { DaemonCycle } from "./daemon-cycle.ts";
import { conflictSidesOf } from "./conflict-sides.ts";
import { detectEra } from "./era.ts";
import { DoltEraError } from "./errors.ts";
import { doctor, repairableKinds, type Finding } from "./doctor.ts";
import { issuesFile, lineFiles } from "./file-damage.ts";
import type { IssueRecord } from "./issue-line.ts";
import { mostTextBytes, readIssueText, type UnreadableLine } from "./issue-text.ts";
import type { WriteOptions } from "./issue-log.ts";
import { newestLines } from "./newest-lines.ts";
import type { MergeConflict } from "./merge/merge-conflict.ts";
import { mergeIssueTexts } from "./merge/merge-texts.ts";

/** How a repair works. */
export interface RepairOptions extends Pick<WriteOptions, "timeoutMs" | "signal"> {
  /** As for `openBeads`. */
  readonly daemonIntervalMs?: number | undefined;
  /** Only say what would be done. Default false. */
  readonly dryRun?: boolean | undefined;
}

/** What a repair did, or would do. */
export interface RepairReport {
  /** Whether a file was changed. */
  readonly changed: boolean;
  /** What was put right, or would be. */
  readonly repaired: readonly Finding[];
  /** What is left for people: orphans, circles, issues that break rules or say something twice, leftover files. */
  readonly left: readonly Finding[];
  /** What the two sides of git's conflicts both changed, and which won. */
  readonly conflicts: readonly MergeConflict[];
  /** Files that hold what was taken out, byte for byte. */
  readonly quarantined: readonly string[];
}

/**
 * Puts `issues.jsonl` right: merges both sides of what git could not merge, moves lines that cannot be read aside, and keeps the
 * newest of several lines of one id. Of the other files, it moves such lines aside. Nothing is lost: whatever is taken out is
 * first copied to a file beside it.
 *
 * @throws {DoltEraError} bd owns the data: let it export again. Nothing was changed.
 * @throws What a rewrite of a log throws, which says what state the disk is in. Other files may have been repaired before.
 */
export async function repair(directory: string, options: RepairOptions = {}): Promise<RepairReport> {
  const { findings, repairable } = await doctor(directory);
  const isOurs = ({ kind }: Finding): boolean => repairableKinds.has(kind);
  const told = { repaired: findings.filter(isOurs), left: findings.filter((finding) => !isOurs(finding)) };
  if (options.dryRun === true || !repairable)
    return { changed: false, ...told, conflicts: [], quarantined: [] };
  const { era, why } = await detectEra(directory);
  if (era === "dolt") throw new DoltEraError(join(directory, issuesFile), why);
  const done: Done[] = [];
  for (const file of new Set(told.repaired.map(({ file: name }) => name)))
    done.push(await rewriteFile(directory, file, options));
  return {
    ...told,
    changed: done.some(({ changed }) => changed),
    conflicts: done.flatMap(({ conflicts }) => conflicts),
    quarantined: done.flatMap(({ quarantined }) => quarantined),
  };
}

type Done = Pick<RepairReport, "changed" | "conflicts" | "quarantined">;

async function rewriteFile(directory: string, file: string, options: RepairOptions): Promise<Done> {
  const { timeoutMs, signal, daemonIntervalMs } = options;
  const path = join(directory, file);
  const log = jsonlLog<IssueRecord>(path, { onCorrupt: "quarantine", layout: "beads", timeoutMs, signal });
  const quarantined: string[] = [];
  let conflicts: readonly MergeConflict[] = [];
  const repaired = async (entries: readonly LogEntry<IssueRecord>[]): Promise<never> => {
    const readable = entries.filter(({ record }) => isLine(file, record));
    // Under the lock the file is what it is: looked at again, because it may have changed since the diagnosis.
    const { lines, report } =
      file === issuesFile
        ? repairedLines(readable, await unreadableLines(path))
        : { lines: readable, report: [] };
    conflicts = report;
    const kept = new Set(lines.map(({ text }) => text));
    const gone = entries.filter(({ text }) => !kept.has(text)).map(({ text }) => `${text}\n`);
    if (gone.length > 0) quarantined.push(await copyAside(path, gone.join("")));
    return lines as never;
  };
  const daemon = new DaemonCycle(directory, file === issuesFile ? daemonIntervalMs : 0);
  const receipt = await daemon.rewrite(log, repaired, { signal });
  for (const moved of [receipt.quarantined, receipt.corrupt])
    if (moved !== undefined) quarantined.push(moved.path);
  return { changed: receipt.changed, conflicts, quarantined };
}

function isLine(file: string, record: unknown): boolean {
  const result = lineFiles[file]?.["~standard"].validate(record);
  return result !== undefined && "value" in result;
}

/** Every line that is none, in a file that may not even be text. */
async function unreadableLines(path: string): Promise<readonly UnreadableLine[]> {
  try {
    return readIssueText((await readText(path, { maxBytes: mostTextBytes })) ?? "").unreadable;
  } catch (error) {
    if (!(error instanceof DocumentCorruptError)) throw error;
    return []; // not UTF-8: no merge of git's; its lines are moved aside one by one
  }
}

/** The entries as they are to be: conflicts merged, one line for each id, the newest. */
function repairedLines(
  entries: readonly LogEntry<IssueRecord>[],
  problems: readonly UnreadableLine[],
): {
  readonly lines: readonly (LogEntry<IssueRecord> | RecordLine)[];
  readonly report: readonly MergeConflict[];
} {
  const sides = conflictSidesOf(entries, problems);
  if (sides === undefined) return { lines: newestLines(entries), report: [] };
  const { text, conflicts } = mergeIssueTexts(sides);
  const byText = new Map(entries.map((entry) => [entry.text, entry]));
  const lines = text.split("\n").filter(Boolean);
  return { lines: lines.map((line) => byText.get(line) ?? new RecordLine(line)), report: conflicts };
}

async function copyAside(path: string, text: string): Promise<string> {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const copy = `${path}.replaced-${time}-${randomBytes(4).toString("hex")}`;
  await replaceFile(copy, text, { layout: "beads" });
  return copy;
}
