/** P11: what somebody put where a domain package keeps its data, or its lock, is not used: the call is refused, and changes nothing. */
import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { closeAppendFiles, closeIdleLocks } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { describe } from "../harness/tally.ts";
import { onFastDisk } from "../states/states.ts";
import { domainCalls, type DomainCall } from "./domain-calls.ts";
import { giveAway, makeFifo } from "./hostile-paths.ts";
import { refuses } from "./refusal.ts";

/** Puts itself at a path. Returns why it cannot be made here, if so. */
type Make = (path: string, directory: string) => string | undefined | void;

const anywhere: readonly (readonly [string, Make])[] = [
  ["a directory", (path) => mkdirSync(path)],
  ["a FIFO", makeFifo],
];
const atData: readonly (readonly [string, Make])[] = [
  ...anywhere,
  [
    "a file with two names",
    (path, directory) => {
      writeFileSync(path, "");
      linkSync(path, join(directory, "other"));
    },
  ],
  ["a link to itself", (path) => symlinkSync(path, path)],
];
const atLock: readonly (readonly [string, Make])[] = [
  ...anywhere,
  ["a link to a file", (path, directory) => symlinkSync(join(directory, "victim"), path)],
  ["a link to nothing", (path, directory) => symlinkSync(join(directory, "made"), path)],
  ["a file of another user", giveAway],
];

export async function domainPaths(
  { tally, say }: PartContext,
  calls: readonly DomainCall[] = domainCalls,
): Promise<void> {
  for (const call of calls) {
    await onFastDisk(async (directory) => {
      writeFileSync(join(directory, "victim"), "must stay");
      for (const [places, made] of [
        [call.data, atData],
        [call.locks, atLock],
      ] as const)
        for (const file of places)
          for (const [what, make] of made) {
            const title = `${file} is ${what}: ${call.name}`;
            try {
              await call.run(directory); // it works, before each of them and after the one before
              const reason = await inPlaceOf(join(directory, file), directory, make, () =>
                refuses(directory, () => call.run(directory), isTyped),
              );
              if (typeof reason === "string") tally.skip(title, reason);
              else tally.pass();
            } catch (error) {
              tally.fail(title, describe(error));
            }
          }
    });
  }
  say("hostile paths of the domain packages");
}

/** @returns why it could not be made here, if so. */
async function inPlaceOf(
  path: string,
  directory: string,
  make: Make,
  work: () => Promise<void>,
): Promise<string | undefined | void> {
  const aside = join(directory, "aside");
  closeIdleLocks();
  closeAppendFiles();
  renameSync(path, aside);
  try {
    const reason = make(path, directory);
    if (typeof reason === "string") return reason;
    await work();
    return undefined;
  } finally {
    for (const left of [path, join(directory, "other")]) rmSync(left, { recursive: true, force: true });
    renameSync(aside, path);
  }
}

/** Of whichever package: a code of its own, and what to do about it. */
function isTyped(error: unknown): boolean {
  const { code, retryable } = error as { code?: unknown; retryable?: unknown };
  return typeof code === "string" && code.startsWith("ERR_") && retryable !== undefined;
}
