import type { Edit, PlantedBug } from "../src/planted/planted-bug.ts";

/** A bug that the proof found in the packages, and the test that fails where it comes back. */
export interface Regression {
  /** The part of the proof that found it. */
  readonly foundBy: string;
  readonly wentWrong: string;
  readonly file: string;
  /** The test's own, as it stands in the file: `%s` and `${…}` stand for anything. */
  readonly title: string;
  /** What runs it, where that is not vitest: the name of a look. */
  readonly look?: string;
  /** What brings the old fault back; or why nothing can. */
  readonly old: readonly Edit[] | string;
  /** What the test says of the old code: a failure for another reason is not this bug found. */
  readonly sees?: RegExp;
}

/** Each as a planted bug whose look is the regression's test. */
export function plantedAgain(regressions: readonly Regression[]): readonly PlantedBug[] {
  return regressions.flatMap(({ wentWrong, file, title, look = `test: ${file}: ${title}`, old, sees }) =>
    typeof old === "string" || sees === undefined
      ? []
      : [{ name: `has an old bug again: ${wentWrong}`, edits: old, look, sees }],
  );
}
