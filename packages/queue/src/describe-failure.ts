import type { JobFailure } from "./event.ts";

const longestText = 4_000;

/** What is kept of whatever a handler threw. */
export function describeFailure(error: unknown): JobFailure {
  if (!(error instanceof Error)) return { name: "Error", message: clip(String(error)) };
  const { name, message, stack } = error;
  return { name: clip(name), message: clip(message), ...(stack !== undefined && { stack: clip(stack) }) };
}

/** Half a surrogate pair cannot be stored. */
function clip(text: string): string {
  return text.slice(0, longestText).toWellFormed();
}
