import type { JobFailure } from "./event.ts";

const longestText = 4_000;

/** What is kept of whatever a handler threw. */
export function describeFailure(error: unknown): JobFailure {
  if (!(error instanceof Error)) return { name: "Error", message: clip(textOf(error)) };
  const { name, message, stack } = error;
  return {
    name: clip(textOf(name)),
    message: clip(textOf(message)),
    ...(typeof stack === "string" && { stack: clip(stack) }),
  };
}

/** Not everything that is thrown can be made a text. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** Half a surrogate pair cannot be stored. */
function clip(text: string): string {
  return text.slice(0, longestText).toWellFormed();
}
