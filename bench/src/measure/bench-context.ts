import type { Measured } from "./comparison.ts";
import type { Row } from "./row.ts";

/** What a family gets to work with. */
export interface BenchContext {
  /** An empty directory on the file system under test. */
  readonly directory: string;
  /** Few and short rounds: shows that the bench works, decides nothing. */
  readonly quick: boolean;
  /** A fresh name in the directory. */
  readonly file: (name: string) => string;
  /** Progress, on the error output. */
  readonly say: (text: string) => void;
  /** What generated data is made from. */
  readonly seed: number;
  /** Adds contenders side by side to the report. */
  readonly show: (measured: Measured) => void;
}

/** A group of rows that are measured together. */
export interface Group {
  readonly name: string;
  readonly measure: (context: BenchContext) => Promise<readonly Row[]>;
}
