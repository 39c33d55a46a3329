import type { CrashOperation } from "../crash/crash-operation.ts";

/** An operation whose every file call is to fail once. Prepared anew, in a directory of its own, for each fault. */
export interface FaultOperation {
  readonly name: string;
  /** The data files, relative to the directory, which hold their content or the next one, whatever fails. */
  readonly files: readonly string[];
  /** What a file holds before (0) and after (1), and after that (2). Undefined: it is not there. */
  content(file: string, rounds: number): string | undefined;
  /** Appending may leave an unfinished line behind, if even taking it back fails. */
  readonly appends?: boolean;
  /** What stands after the last whole line, to be moved aside. */
  readonly tornTail?: string;
  run(directory: string, round: number): unknown;
  /** Set where it makes several commits, and an error speaks of the one that failed. */
  readonly inSteps?: boolean | undefined;
  /** Set where what is left ends by itself: as if that much time had passed. */
  pass?(directory: string): void;
  /** Set where what the system refused comes out as the system's own error: then nothing was changed. */
  readonly throwsAsTheSystem?: boolean;
  /** Set where several files are one commit: where its outcome is uncertain, whoever comes next finishes it or takes it back. */
  readonly commit?: CrashOperation;
}
