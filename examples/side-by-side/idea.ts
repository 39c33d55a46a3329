/** What every example is made of: the same work twice, as scripts do it and with Flockwork, and a judge of the files. */
export interface Idea {
  /** The example's own file, which its processes run too: `import.meta.filename`. */
  readonly file: string;
  /** How many processes do the work at once. 3 unless it says otherwise. */
  readonly processes?: number;
  /** What lies in the directory before anybody starts. */
  readonly prepare?: (directory: string) => void | Promise<void>;
  /** One process's share of the work, as it is found in scripts. From the `.original.ts` beside the example. */
  readonly original: Work;
  /** The same with Flockwork. */
  readonly flockwork: Work;
  /** What is wrong with the files, one sentence for each fault, given what the processes were told had been done. */
  readonly faults: (
    directory: string,
    told: readonly string[],
  ) => readonly string[] | Promise<readonly string[]>;
}

export type Work = (directory: string, worker: WorkerOfIdea) => void | Promise<void>;

export interface WorkerOfIdea {
  /** From 0. */
  readonly id: number;
  /** Writes down, in a file of this process alone, that a call said it was done. */
  readonly tell: (what: string) => void;
  /** Ends this process as SIGKILL does, here and now. */
  readonly die: () => Promise<never>;
}

/** Which of the two ways to work. */
export type Side = "original" | "flockwork";
