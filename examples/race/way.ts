import type { Issue } from "./issues.ts";

/** How a worker changes the files. Each update resolves to the moment it got to the file. */
export interface Way {
  updateState(sequence: number): number | Promise<number>;
  appendIssue(issue: Issue, sequence: number): number | Promise<number>;
  /** Gets into the middle of a change, says so, and stays there until the worker is killed. */
  holdForEver(holding: () => void): Promise<never>;
}

export function forEver(): Promise<never> {
  return new Promise(() => {});
}
