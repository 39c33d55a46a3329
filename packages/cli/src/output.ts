import type { Failure } from "./failure.ts";

/** Where a command says what it found: words for people, JSON for programs. */
export interface Output {
  readonly json: boolean;
  /** Words that stand out: bold on a terminal, unless NO_COLOR is set; plain elsewhere. */
  strong(words: string): string;
  /** One line for people. Nothing with `--json`. */
  say(line: string): void;
  /** The result for programs. Nothing without `--json`. */
  result(value: unknown): void;
  /** How far long work has come: one line of a terminal, written over by the next; `""` takes it away. Nothing elsewhere. */
  progress(words: string): void;
  /** Something to know beside the result: a line on standard error, `{"warning": …}` with `--json`. */
  warn(words: string): void;
  /** Why there is no result: words on standard error, one line `{"error": …}` with `--json`. */
  fail(failure: Failure): void;
}

export function createOutput(json: boolean): Output {
  const colour = !json && process.stdout.isTTY && (process.env["NO_COLOR"] ?? "") === "";
  return {
    json,
    strong: (words) => (colour ? `\u001b[1m${words}\u001b[22m` : words),
    say: (line) => {
      if (!json) process.stdout.write(`${line}\n`);
    },
    result: (value) => {
      if (json) process.stdout.write(`${jsonOf(value, 2)}\n`);
    },
    progress: (words) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${plain(words)}`);
    },
    warn: (words) => {
      process.stderr.write(json ? `${jsonOf({ warning: words })}\n` : `flockwork: ${plain(words)}\n`);
    },
    fail: ({ words, facts }) => {
      process.stderr.write(json ? `${jsonOf({ error: facts })}\n` : `flockwork: ${words}\n`);
    },
  };
}

/**
 * Text that came from a file, a path or another program, fit for a terminal: control characters, which could move the cursor,
 * change colours or hide text, are shown as `\x1b` and the like.
 */
export function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}

/** Milliseconds as people read them. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}

/** JSON that a terminal can be shown: JSON itself lets DEL, the C1 controls and the overrides of direction through. */
function jsonOf(value: unknown, indent?: number): string {
  return JSON.stringify(value, bigintAsString, indent).replaceAll(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function bigintAsString(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}
