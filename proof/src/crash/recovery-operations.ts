import { equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sweepStagedFiles, updateJsonSync } from "../harness/core.ts";
import { logName } from "./contents.ts";
import type { CrashOperation } from "./crash-operation.ts";
import type { SystemCall } from "./strace.ts";
import { committing, finishAll, open } from "./transact-operations.ts";

type Step = (directory: string) => unknown;

const byDocument: Step = (directory) => open(directory).left.readLocked();
const byAnother: Step = (directory) => updateJsonSync(join(directory, "right.json"), () => undefined);
const byLog: Step = (directory) => open(directory).events.transact(() => undefined);
const takers = { "left.json": byDocument, "right.json": byAnother, [logName]: byLog };

/** Each file is taken by itself, and holds by then what was committed: another of them may not have to be finished for it. */
function oneByOne(...files: readonly (keyof typeof takers)[]): Step {
  return async (directory) => {
    for (const file of files) {
      await takers[file]?.(directory);
      const found = readFileSync(join(directory, file), "utf8");
      equal(found, committing.content(file, 1), `${file}, once it was taken`);
    }
  };
}

/** The first change after the commit: nothing of what it says is done. */
function atOnce(calls: readonly SystemCall[]): SystemCall | undefined {
  const commit = calls.findIndex(({ name, text }) => name.startsWith("rename") && text.includes('.intent"'));
  return calls.slice(commit + 1).find(({ name, thread }) => thread === "main" && name === "write");
}

/** When the log and a document are done, and the other document is not. */
function halfway(calls: readonly SystemCall[]): SystemCall | undefined {
  return calls.find(({ name, text }) => name.startsWith("rename") && text.includes('/right.json"'));
}

/**
 * Recovery itself is killed: somebody finishes a commit of three files that a crash interrupted, and dies over it. Whoever
 * comes next, in another way, finishes it: the commit was made.
 */
export const recoveryOperations: readonly CrashOperation[] = (
  [
    ["a document", byDocument, "sweepStagedFiles", sweepStagedFiles, { atOnce }],
    [
      "sweepStagedFiles",
      sweepStagedFiles,
      "each",
      oneByOne("left.json", logName, "right.json"),
      { atOnce, halfway },
    ],
    ["the log", byLog, "each", oneByOne("right.json", "left.json", logName), { atOnce, halfway }],
    ["all of them", finishAll, "each", oneByOne(logName, "right.json", "left.json"), { atOnce }],
  ] satisfies [string, Step, string, Step, Record<string, typeof atOnce>][]
).flatMap(([first, run, next, recover, interruptions]) =>
  Object.entries(interruptions).map(([when, at]) => ({
    ...committing,
    name: `recovery by ${first} of a transact interrupted ${when === "atOnce" ? "at once" : when}, then ${next}`,
    interrupted: { operation: committing, at },
    run: (directory: string) => run(directory),
    recover: (directory: string) => recover(directory),
  })),
);
