/** One mutated set of files, and what becomes of everybody who reads it. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { closeAppendFiles, closeIdleLocks } from "../harness/core.ts";
import { pollution } from "../harness/pollution.ts";
import { describe } from "../harness/tally.ts";
import { isTyped } from "../hostile/refusal.ts";
import type { Target } from "./target.ts";

/** Files by their paths below the directory. */
export type Files = ReadonlyMap<string, Buffer>;

export interface FuzzCase {
  readonly files: Files;
  /** Which of them is not as it was written. */
  readonly mutated: string;
}

/** What went wrong. Two failures of one signature are taken for the same. */
export interface Failure {
  readonly signature: string;
  readonly text: string;
}

/** Longer than any lock is waited for here: looks, and how far they are apart. A process that is not let run looks less often. */
const [looks, lookMs] = [50, 100];
const lockName = /(?:\.lock|\.flock|\.gate)$/;

/** Writes the files a target starts from, and reads them. */
export async function prepared(target: Target, scratch: string): Promise<Files> {
  const directory = mkdtempSync(join(scratch, "prepared-"));
  await target.prepare(directory);
  closeEverything();
  return filesIn(directory);
}

/** The files that may be mutated. */
export function mutable(target: Target, files: Files): string[] {
  return [...files.keys()].filter((path) => {
    if (target.mutates !== undefined) return target.mutates.test(`/${path}`);
    return !lockName.test(path) && (files.get(path)?.length ?? 0) > 0;
  });
}

/** Runs every call of the target. Undefined: all of them ended as they may. */
export async function runCase(
  target: Target,
  { files, mutated }: FuzzCase,
  scratch: string,
): Promise<Failure | undefined> {
  const directory = mkdtempSync(join(scratch, "case-"));
  try {
    for (const [path, content] of files) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), content);
    }
    for (const [name, run] of target.calls(directory, join(directory, mutated))) {
      const failure = await runCall(target, run, directory);
      if (failure !== undefined)
        return { signature: `${name}: ${failure.signature}`, text: `${name}: ${failure.text}` };
    }
    return undefined;
  } finally {
    closeEverything();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function runCall(target: Target, run: () => unknown, directory: string): Promise<Failure | undefined> {
  const before = filesIn(directory);
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    let looked = 0;
    timer = setInterval(() => {
      if ((looked += 1) >= looks) reject(new HangError(`it has not settled after ${looks * lookMs} ms`));
    }, lookMs);
  });
  try {
    await Promise.race([Promise.resolve().then(run), hang]);
  } catch (error) {
    if (!maySay(error) && target.allows?.(error) !== true)
      return { signature: signatureOf(error), text: describe(error) };
    const changed = changedIn(directory, before, error);
    if (changed !== undefined)
      return {
        signature: "a refused file was changed",
        text: `${changed} was changed by a call that was refused:\n${describe(error)}`,
      };
  } finally {
    clearInterval(timer);
  }
  const polluted = pollution();
  return polluted === undefined ? undefined : { signature: "pollution", text: polluted };
}

class HangError extends Error {}

/** Typed, of whichever package, or what a lock or an aborted call says. */
function maySay(error: unknown): boolean {
  return isTyped(error) || (error instanceof Error && error.name === "TimeoutError");
}

function signatureOf(error: unknown): string {
  const { name, message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  const at = /\(?([\w./:-]*packages\/[\w./-]+\.ts):\d+/.exec(stack)?.[1] ?? "";
  return `${name} ${message.slice(0, 40)} ${at.slice(at.indexOf("packages"))}`;
}

/** A file that is not as it was; what an uncertain commit names may be. */
function changedIn(directory: string, before: Files, error: unknown): string | undefined {
  if ((error as { code?: unknown }).code === "ERR_COMMIT_UNCERTAIN") return undefined;
  for (const [path, content] of before) {
    if (lockName.test(path)) continue;
    const now = join(directory, path);
    if (existsSync(now) && (readFileSync(now).equals(content) || isCutToLines(now, content))) continue;
    return path;
  }
  return undefined;
}

/** A torn tail may be moved aside before anything is decided: its bytes are in a file of their own. */
function isCutToLines(path: string, before: Buffer): boolean {
  const now = readFileSync(path);
  const beside = readdirSync(dirname(path)).filter((name) => name.startsWith(`${basename(path)}.torn-`));
  const tail = before.subarray(now.length);
  return (
    before.subarray(0, now.length).equals(now) &&
    beside.some((name) => readFileSync(join(dirname(path), name)).equals(tail))
  );
}

function filesIn(directory: string): Files {
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" });
  const regular = paths.filter((path) => lstatSync(join(directory, path)).isFile());
  return new Map(regular.toSorted().map((path) => [path, readFileSync(join(directory, path))]));
}

function closeEverything(): void {
  closeIdleLocks();
  closeAppendFiles();
}
