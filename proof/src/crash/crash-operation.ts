import type { LayoutName } from "../harness/core.ts";
import type { SystemCall } from "./strace.ts";
import type { Aftermath } from "./verify.ts";

/**
 * Operations to be cut short by SIGKILL at each of their system calls, with what must be true afterwards.
 *
 * Round 0 is what was prepared; each round the operation brings the file from one known content to the next.
 */
export interface CrashOperation {
  readonly name: string;
  /** The data files under lock, relative to the directory. */
  readonly files: readonly string[];
  /** Where their locks lie. Default: beside them. */
  readonly layout?: LayoutName;
  /** Content of a file after so many rounds. Undefined: the file is not there. */
  content(file: string, rounds: number): string | undefined;
  /** An unfinished line that stands at the end of the prepared file. */
  readonly tornTail?: string;
  /** Set when the operation appends: then an unacknowledged part of the next content may be there. */
  readonly appends?: boolean;
  /** One round. `round` counts from 1. */
  run(directory: string, round: number): unknown;
  /** Set where several files are one commit: whoever comes next does this first, and then all files are of one round. */
  recover?(directory: string): unknown;
  /** The next operation of somebody else, whatever the crash left. Brings each file to `followed`. */
  follow?(directory: string): unknown;
  /**
   * Set where the operation starts from what a crash left: the operation whose first round was killed, and at which of its
   * calls. It was committed by then, so after `recover` all files are of the new round, and no file of the old.
   */
  readonly interrupted?: {
    readonly operation: CrashOperation;
    at(calls: readonly SystemCall[]): SystemCall | undefined;
  };
  /** The program that performs it. Default: the one that knows core's operations. */
  readonly actor?: URL;
  /** What that program is told to perform. Default: the name. */
  readonly argument?: string;
  /** A directory to start from a copy of. Then `content` is not asked for what to prepare. */
  readonly startFrom?: string;
  /** Kill it only where it changes something: being killed between two changes is being killed at the second. */
  readonly onlyChanging?: boolean;
  /** Set where it makes several commits, and an error speaks of the one that failed. */
  readonly inSteps?: boolean | undefined;
  /** Set where what the system refused comes out as the system's own error: then nothing was changed. */
  readonly throwsAsTheSystem?: boolean;
  /** Set where what is left ends by itself: as if that much time had passed. */
  pass?(directory: string): void;
  /** What must be true afterwards, instead of what the contents say. */
  verify?(aftermath: Aftermath): Promise<void>;
  /** What `follow` makes of a content. */
  followed?(content: string | undefined): string;
}
