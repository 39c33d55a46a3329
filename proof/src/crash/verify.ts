/** What must be true after a crash, whatever the operation was doing (P2, P3, P5, P6). */
import { deepEqual, equal, ok } from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { closeAppendFiles, closeIdleLocks, tryAcquireLock, type LayoutName } from "../harness/core.ts";
import { verifyUnlocked } from "../harness/raw-lock.ts";
import type { CrashOperation } from "./crash-operation.ts";

export interface Aftermath {
  readonly directory: string;
  /** Rounds that were acknowledged. */
  readonly acknowledged: number;
  /** Rounds that were begun. */
  readonly begun: number;
  /** Whether what could not be removed may still be there. */
  readonly mayLeave?: boolean;
  /** Set where the call said that it is done but for something: then nobody knows what it leaves. */
  readonly inPart?: boolean;
}

export async function verifyAftermath(operation: CrashOperation, aftermath: Aftermath): Promise<void> {
  const { directory } = aftermath;
  for (const file of operation.files) await verifyFree(join(directory, file), operation.layout);
  let found = operation.files.map((file) => verifyContent(operation, file, aftermath));
  if (operation.recover !== undefined) {
    await operation.recover(directory);
    const { begun } = aftermath;
    const after = operation.interrupted === undefined ? aftermath : { ...aftermath, acknowledged: begun };
    verifyOneRound(operation, after);
    found = operation.files.map((file) => verifyContent(operation, file, after));
  }
  if (operation.follow === undefined || operation.followed === undefined) return;
  await operation.follow(directory);
  for (const [at, file] of operation.files.entries()) {
    const path = join(directory, file);
    equal(
      readFileSync(path, "utf8"),
      operation.followed(found[at]?.whole),
      `${file} after the next operation`,
    );
    verifyNothingLost(path, found[at]?.torn ?? "", operation.tornTail ?? "");
  }
  if (aftermath.mayLeave !== true)
    deepEqual(stagedFilesIn(directory), [], "staged files after the next operation");
  closeIdleLocks();
  closeAppendFiles();
}

/** P2: the kernel says so, and so does the library, at once. */
async function verifyFree(path: string, layout: LayoutName = "sidecar"): Promise<void> {
  verifyUnlocked(dirname(path));
  const lock = await tryAcquireLock(path, "exclusive", { layout });
  ok(lock !== undefined, `${path} is still locked`);
  await lock.release();
  const locks = join(dirname(path), ".flowforge", ".locks");
  if (existsSync(locks)) deepEqual(stagedFilesIn(locks), [], "staged lock records after the next holder");
}

/** P3, P4: the old content or the new one; after an acknowledgement, the new one. P5: a torn part only where none was given. */
function verifyContent(
  operation: CrashOperation,
  file: string,
  { directory, acknowledged, begun }: Aftermath,
): { readonly whole: string | undefined; readonly torn: string } {
  const path = join(directory, file);
  // A log that was created and holds nothing yet is as good as none.
  const text = existsSync(path) ? readFileSync(path, "utf8") || absent(operation) : undefined;
  for (let rounds = acknowledged; rounds <= begun; rounds += 1) {
    const whole = operation.content(file, rounds);
    if (text === whole) return { whole, torn: "" };
  }
  for (let rounds = acknowledged; rounds <= begun; rounds += 1) {
    const whole = operation.content(file, rounds);
    const torn = text?.startsWith(whole ?? "") === true ? text.slice((whole ?? "").length) : "";
    if (torn === "") continue;
    if (rounds === 0 && torn === operation.tornTail) return { whole, torn };
    const next = operation.content(file, rounds + 1);
    const isPart = rounds < begun && next?.startsWith(text ?? "") === true && !torn.includes("\n");
    if (operation.appends === true && isPart) return { whole, torn };
  }
  const rule = acknowledged === begun ? "the new content" : "the old content or the new one";
  throw new Error(`${file} should hold ${rule}, but holds ${JSON.stringify(text?.slice(0, 300))}`);
}

/** A commit of several files: all of them are old, or all of them are new. */
function verifyOneRound(operation: CrashOperation, { directory, acknowledged, begun }: Aftermath): void {
  for (let rounds = acknowledged; rounds <= begun; rounds += 1) {
    const isOf = (file: string): boolean =>
      readFileSync(join(directory, file), "utf8") === operation.content(file, rounds);
    if (operation.files.every(isOf)) return;
  }
  const texts = operation.files.map(
    (file) => `${file}: ${readFileSync(join(directory, file), "utf8").slice(-80)}`,
  );
  throw new Error(`the files are of different rounds:\n${texts.join("\n")}`);
}

function absent({ appends }: CrashOperation): string | undefined {
  return appends === true ? undefined : "";
}

/** P5: what was torn was set aside, not deleted. */
function verifyNothingLost(path: string, torn: string, preparedTail: string): void {
  const aside = readdirSync(dirname(path))
    .filter((name) => name.includes(".torn-"))
    .map((name) => readFileSync(join(dirname(path), name), "utf8"));
  for (const tail of [torn, preparedTail]) {
    if (tail !== "")
      ok(aside.includes(tail), `the torn tail ${JSON.stringify(tail)} is nowhere: ${aside.join("|")}`);
  }
}

export function stagedFilesIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => /\.(?:staged|intent)$/.test(name));
}
