import { defaultMaxLineBytes } from "../atomic/append-lines.ts";

/** Bounds that hostile or broken input must not pass. */
export interface LogLimits {
  /** Bytes of one line, its newline not counted. Default 16 MiB. */
  readonly maxLineBytes: number;
  /** How deep arrays and objects may be nested. Default 512. */
  readonly maxDepth: number;
}

export const defaultLogLimits: LogLimits = { maxLineBytes: defaultMaxLineBytes, maxDepth: 512 };

/** @throws {RangeError} naming the limit that is no positive integer. */
export function checkLogLimits(options: { readonly [K in keyof LogLimits]?: number | undefined }): LogLimits {
  const limits = {
    maxLineBytes: options.maxLineBytes ?? defaultLogLimits.maxLineBytes,
    maxDepth: options.maxDepth ?? defaultLogLimits.maxDepth,
  };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} must be a positive integer, got ${value}`);
  }
  return limits;
}
