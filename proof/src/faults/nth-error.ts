/** T3: every file call of every operation fails, with every errno, once and from then on (P6). */
import { deepEqual, equal, ok } from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { closeAppendFiles, closeIdleLocks, StoreError } from "../harness/core.ts";
import { verifyUnlocked } from "../harness/raw-lock.ts";
import { describe } from "../harness/tally.ts";
import type { FaultOperation } from "./fault-operation.ts";
import { attempt, isUncertain, type Attempt } from "./attempt.ts";
import { openDescriptors } from "./descriptors.ts";
import { isInjected, withFault, type Fault } from "./fault-plan.ts";
import { notReached } from "./inject-all.ts";
import { orHang } from "./waiting.ts";

/** The calls one run makes, and how often. The run must succeed. */
export async function callsOf(operation: FaultOperation, root: string): Promise<ReadonlyMap<string, number>> {
  return inDirectory(operation, root, async (directory) => {
    const counts = await withFault(undefined, async () => void (await operation.run(directory, 1)));
    verifyContent(operation, directory, [1]);
    return counts;
  });
}

/** Runs an operation with one fault and checks everything that must hold. Undefined, or what is wrong, or `notReached`. */
export async function tryFault(
  operation: FaultOperation,
  fault: Fault,
  root: string,
): Promise<string | undefined> {
  const wrong: string[] = [];
  let isReached = true;
  const check = async (name: string, run: () => unknown): Promise<void> => {
    try {
      await run();
    } catch (error) {
      wrong.push(`${name}: ${describe(error)}`);
    }
  };
  await inDirectory(operation, root, async (directory) => {
    closeEverything();
    const descriptors = openDescriptors();
    let failure: Attempt["failure"];
    await check("the call never settled", async () => {
      ({ isReached, failure } = await attempt(fault, () => operation.run(directory, 1)));
    });
    const isOfTheSystem = operation.throwsAsTheSystem === true && isInjected(failure?.error);
    await check("its error is not a StoreError", () => {
      if (failure !== undefined && !isOfTheSystem && !(failure.error instanceof StoreError))
        throw failure.error;
    });
    await check("the lock is still held", () => verifyUnlocked(directory));
    await check("the content is not what the outcome says", () =>
      verifyContent(operation, directory, roundsAfter(operation, failure)),
    );
    await check("a staged file is left", () => {
      if (!fault.call.startsWith("unlink")) deepEqual(staged(directory), []);
    });
    operation.pass?.(directory);
    const before = settledRounds(operation, directory);
    await check("the same operation does not work afterwards", async () => {
      await withFault(undefined, () => orHang(async () => void (await operation.run(directory, before + 1))));
      verifyContent(operation, directory, [before + 1]);
      verifyUnlocked(directory);
      verifyTailKept(operation, directory);
      deepEqual(staged(directory), [], "staged files after the next operation");
    });
    closeEverything();
    await check("descriptors leak", () => equal(openDescriptors(), descriptors));
  });
  if (wrong.length === 0) return isReached ? undefined : notReached;
  return wrong.join("\n");
}

/** Which contents an outcome allows: after a failure the new one only where the error says so, or speaks of one step of several. */
function roundsAfter({ inSteps }: FaultOperation, failure: Attempt["failure"]): readonly number[] {
  if (failure === undefined) return [1];
  return inSteps === true || isUncertain(failure) ? [0, 1] : [0];
}

function verifyContent(operation: FaultOperation, directory: string, rounds: readonly number[]): void {
  for (const file of operation.files) {
    const found = textOf(directory, file);
    if (rounds.some((round) => matches(operation, file, round, found))) continue;
    throw new Error(`${file} holds ${JSON.stringify(found?.slice(0, 200))}`);
  }
}

function matches(operation: FaultOperation, file: string, round: number, found: string | undefined): boolean {
  const content = operation.content(file, round);
  if (found === content || (operation.appends === true && content === undefined && found === "")) return true;
  return round === 0 && operation.tornTail !== undefined && found === `${content ?? ""}${operation.tornTail}`;
}

function settledRounds(operation: FaultOperation, directory: string): number {
  const file = operation.files[0] ?? "";
  return matches(operation, file, 0, textOf(directory, file)) ? 0 : 1;
}

function verifyTailKept({ tornTail }: FaultOperation, directory: string): void {
  if (tornTail === undefined) return;
  const aside = readdirSync(directory).filter((name) => name.includes(".torn-"));
  const texts = aside.map((name) => readFileSync(join(directory, name), "utf8"));
  ok(texts.includes(tornTail), `the torn tail is nowhere: ${aside.join(", ")}`);
}

function textOf(directory: string, file: string): string | undefined {
  const path = join(directory, file);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function staged(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith(".staged"));
}

export function closeEverything(): void {
  closeIdleLocks();
  closeAppendFiles();
}

/** A directory with what the operation finds before its first round. */
export async function inDirectory<T>(
  operation: FaultOperation,
  root: string,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(root, "fault-"));
  mkdirSync(directory, { recursive: true });
  for (const file of operation.files) {
    const content = operation.content(file, 0);
    if (content === undefined) continue;
    const path = join(directory, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content + (operation.tornTail ?? ""));
  }
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
