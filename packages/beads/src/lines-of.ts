import { RecordLine } from "@flockwork/core";
import type { ChangedIssue } from "./issues-draft.ts";

/** The lines to be stored for changed issues. */
export function linesOf(changed: readonly ChangedIssue[]): readonly RecordLine[] {
  return changed.map(({ text }) => new RecordLine(text));
}
