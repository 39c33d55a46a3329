/** What a line of a file is that git could not merge. */
export type ConflictMarker = "ours" | "base" | "theirs" | "end";

const markers: Readonly<Record<string, ConflictMarker>> = {
  "<<<<<<<": "ours",
  "|||||||": "base",
  "=======": "theirs",
  ">>>>>>>": "end",
};

/** Which marker a line is; undefined for any other line. No line of JSON begins so. */
export function conflictMarkerOf(line: string | undefined): ConflictMarker | undefined {
  if (line === undefined) return undefined;
  const word = line.slice(0, 7);
  const behind = line[7];
  return behind === undefined || behind === " " || behind === "\r" ? markers[word] : undefined;
}
