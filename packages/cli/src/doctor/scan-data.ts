/** What is wrong with data files, without changing or locking any of them. */
import { closeSync, lstatSync, openSync, readFileSync, readSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { networkFileSystemOf } from "@flockwork/core";
import type { Finding, RuleName } from "./finding.ts";

/** Larger files are looked at from their end only. */
const readWholeUpTo = 64 * 1024 * 1024;

const temporary = /(\.tmp|\.temp|\.swp|~|\.tmp\.\d+|\.tmp-[\w-]+)$|^\.(tmp|~)[-.]/;

export function scanDataFile(path: string): readonly Finding[] {
  const finding = (rule: RuleName, message: string, advice: string, line = 0): Finding => ({
    rule,
    path,
    line,
    column: line === 0 ? 0 : 1,
    message,
    advice,
  });
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile()) return [];
  if (temporary.test(basename(path)))
    return [
      finding(
        "left-over-file",
        `left over since ${stats.mtime.toISOString()}`,
        "look at it, then remove it; its writer was killed",
      ),
    ];
  const lines = [".jsonl", ".ndjson"].includes(extname(path));
  if (stats.size > readWholeUpTo) {
    return lines && lastByte(path, stats.size) !== 0x0a
      ? [finding("torn-line", "the last line has no newline", tornAdvice)]
      : [];
  }
  const text = readFileSync(path, "utf8");
  const marker = text.split("\n").findIndex((line) => /^(<{7} |>{7} )/.test(line));
  if (marker !== -1)
    return [
      finding(
        "conflict-markers",
        "git conflict markers",
        "merge by hand, or with the merge driver of @flockwork/beads",
        marker + 1,
      ),
    ];
  return lines ? inLines(text, finding) : inDocument(text, finding);
}

const tornAdvice = "the next append through @flockwork/core moves it to <file>.torn-… and goes on";

type Make = (rule: RuleName, message: string, advice: string, line?: number) => Finding;

function inLines(text: string, finding: Make): Finding[] {
  const findings: Finding[] = [];
  const all = text.replace(/^\uFEFF/, "").split("\n");
  const tail = all.pop() ?? "";
  for (const [at, line] of all.entries()) {
    if (line.trim() === "" || isJson(line)) continue;
    findings.push(
      finding(
        "damaged-json",
        `line ${at + 1} is not JSON`,
        'jsonlLog(path, { onCorrupt: "quarantine" }) moves it aside',
        at + 1,
      ),
    );
    if (findings.length === 20) break; // one file must not bury the others
  }
  if (tail !== "")
    findings.push(finding("torn-line", "the last line has no newline", tornAdvice, all.length + 1));
  return findings;
}

function inDocument(text: string, finding: Make): Finding[] {
  const content = text.replace(/^\uFEFF/, "");
  if (isJson(content)) return [];
  const what =
    content.trim() === ""
      ? "the file is empty"
      : content.includes("\0")
        ? "the file is full of NULs: a power loss before it was synced"
        : "the content is not JSON";
  return [finding("damaged-json", what, "restore it from a backup; nothing here writes over it")];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function lastByte(path: string, size: number): number {
  const fd = openSync(path, "r");
  const byte = Buffer.alloc(1);
  try {
    readSync(fd, byte, 0, 1, size - 1);
  } finally {
    closeSync(fd);
  }
  return byte[0] ?? 0;
}

/** What is wrong with the place itself. */
export function scanDirectory(path: string): readonly Finding[] {
  const findings: Finding[] = [];
  const place = { path, line: 0, column: 0 } as const;
  const name = networkFileSystemOf(join(path, "file"));
  if (name !== undefined) {
    const advice = 'keep it on a local disk, or use backend: "proper-lockfile" in every program';
    findings.push({ ...place, rule: "network-file-system", message: `it lies on ${name}`, advice });
  }
  const { mode } = lstatSync(path);
  if (isOpenToAll(mode) && (mode & 0o1000) === 0) {
    findings.push({
      ...place,
      rule: "open-permissions",
      message: "every user may write here",
      advice: "chmod o-w",
    });
  }
  return findings;
}

/** Whether every user may write. Windows has other means, and shows every file as open. */
export function isOpenToAll(mode: number): boolean {
  return process.geteuid !== undefined && (mode & 0o002) !== 0;
}
