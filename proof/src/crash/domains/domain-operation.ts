/**
 * One mutating call of a domain package. What it leaves is not known to the byte, so it is compared with what the same call
 * leaves where nobody dies: times, tokens and random ids aside.
 */
export interface DomainOperation {
  /** `package: what it does`. */
  readonly name: string;
  /** Brings an empty directory to where the operation starts from. Runs in a process that lives on. */
  prepare?(directory: string): unknown;
  /** The call. `round` is 1 for the one that is killed, and 2 for the next one by somebody else. */
  run(directory: string, round: number): unknown;
  /** What somebody else does next, whatever the crash left. Default: the same call again, as round 2. */
  readonly follow?: (directory: string) => unknown;
  /** What there is, where the bytes of the files do not say. */
  readonly read?: (directory: string) => unknown;
  /** Set where `read` is asked, and nothing staged may stay all the same: the next one writes the same files. */
  readonly leavesNothing?: boolean;
  /** Set where what could not be given back is held for as long as the process lives: there only its death helps. */
  readonly holds?: boolean;
  /** Set where it leaves everything as it was, by what it does: elsewhere an operation that changes nothing proves nothing. */
  readonly undoes?: boolean;
  /** Set where it makes several commits, and an error speaks of the one that failed: what was done before it stays. */
  readonly inSteps?: boolean;
  /** Set where an acknowledgement promises less than a disk: then nothing is asked of its syncs. */
  readonly durability?: "os";
}
