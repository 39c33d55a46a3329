import type { LogEntry } from "@flockwork/core";
import { conflictMarkerOf, type ConflictMarker } from "./conflict-markers.ts";
import type { IssueRecord } from "./issue-line.ts";
import type { UnreadableLine } from "./issue-text.ts";

/** The three texts that git put into one. */
export interface ConflictSides {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

/**
 * Takes a file with conflict markers apart again. Lines outside of the markers belong to both sides. Where git wrote no base
 * (`merge.conflictStyle` is not `diff3`), the sides have none there, so that nothing counts as taken out.
 *
 * @returns Undefined where there are no markers, or they are not in an order git makes.
 */
export function conflictSidesOf(
  entries: readonly LogEntry<IssueRecord>[],
  problems: readonly Pick<UnreadableLine, "line" | "text">[],
): ConflictSides | undefined {
  const markers = problems.flatMap(({ line, text }) => {
    const marker = conflictMarkerOf(text);
    return marker === undefined ? [] : [{ line, marker }];
  });
  if (markers.length === 0) return undefined;
  const sides = { base: "", ours: "", theirs: "" };
  const hasBase = markers.some(({ marker }) => marker === "base");
  let inside = "end" as ConflictMarker;
  let next = 0;
  const pass = (line: number): boolean => {
    for (let at = markers[next]; at !== undefined && at.line < line; at = markers[next]) {
      if (!follows[inside].includes(at.marker)) return false;
      inside = at.marker;
      next += 1;
    }
    return true;
  };
  for (const { line, text } of entries) {
    if (!pass(line)) return undefined;
    const part = `${text}\n`;
    if (inside === "end") {
      sides.ours += part;
      sides.theirs += part;
      if (hasBase) sides.base += part;
    } else sides[inside] += part;
  }
  return pass(Infinity) && inside === "end" ? sides : undefined;
}

const follows: Readonly<Record<ConflictMarker, readonly ConflictMarker[]>> = {
  end: ["ours"],
  ours: ["base", "theirs"],
  base: ["theirs"],
  theirs: ["end"],
};
