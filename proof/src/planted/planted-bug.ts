/** A change of the source that must be found exactly once. */
export interface Edit {
  /** Relative to the root of the repository. */
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** A bug that is planted on purpose, in a copy of the packages, and what should notice it. */
export interface PlantedBug {
  /** What the broken package does, in words that follow "a package that". */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** What looks at the copy: the name of a look. */
  readonly look: string;
  /** What the look must say of it: a failure for another reason is not this bug found. */
  readonly sees: RegExp;
}
