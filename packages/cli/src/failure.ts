/** What a command that failed says: words for people, JSON for programs. */
import { StoreError } from "@flockwork/core";
import { CommandFailedError, exitCodes, UsageError } from "./command.ts";
import { plain } from "./output.ts";

/** One failure, told in words on standard error; with `--json` as one line of JSON there. */
export interface Failure {
  readonly words: string;
  /** What `{ "error": … }` holds: code, name, message, exitCode, and the facts that the error has. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly exitCode: number;
}

/** @param exitCode - Instead of the one that the error stands for. */
export function failureOf(error: unknown, exitCode: number = exitCodeOf(error)): Failure {
  if (!(error instanceof Error))
    return { words: plain(String(error)), facts: { message: String(error), exitCode }, exitCode };
  const { name, message } = error;
  const { code } = error as { readonly code?: unknown };
  const facts = { code: codeOf(error), name, message, exitCode, ...ownFacts(error) };
  if (error instanceof UsageError || error instanceof CommandFailedError)
    return { words: plain(message), facts, exitCode };
  if (error instanceof StoreError) {
    const { retryable } = error;
    return { words: `${plain(message)} (${error.code})`, facts: { ...facts, retryable }, exitCode };
  }
  if (typeof code === "string" && "syscall" in error) return { words: plain(message), facts, exitCode };
  // Nobody foresaw it: where it came from is what a report needs.
  const stack = error.stack ?? message;
  return { words: stack.split("\n").map(plain).join("\n"), facts: { ...facts, stack }, exitCode };
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  return error instanceof StoreError && error.code === "ERR_LOCK_TIMEOUT" ? exitCodes.no : exitCodes.failed;
}

function codeOf(error: Error): string {
  const { code } = error as { readonly code?: unknown };
  if (typeof code === "string") return code;
  return error instanceof UsageError ? "ERR_USAGE" : "ERR_UNEXPECTED";
}

/** The readonly fields of typed errors: path, osCode, holder, … */
function ownFacts(error: Error): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(error).filter(([name]) => !["cause", "stack", "message", "name", "code"].includes(name)),
  );
}
