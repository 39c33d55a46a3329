/** Something that reads what others wrote. */
export interface Target {
  readonly name: string;
  /** Writes valid files into an empty directory: what is mutated. */
  prepare(directory: string): Promise<void> | void;
  /** Which of the files are mutated. Default: all that hold something and are no locks. */
  readonly mutates?: RegExp;
  /**
   * What reads them, one call after the other. Each ends well, or in a typed error with every file as it was.
   * @param mutated - The path of the file that is not as it was written.
   */
  calls(directory: string, mutated: string): readonly Call[];
  /** Errors of parsers without a file, which are no `StoreError`. */
  allows?(error: unknown): boolean;
}

export type Call = readonly [name: string, run: () => unknown];
