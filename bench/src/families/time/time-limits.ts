/** What stops starts and stops in a whole file. */
import { baselineRatio, goalOf, type Limit, type RowName } from "../../limit.ts";
import { spreads, times } from "../../limit-words.ts";
import type { Row } from "../../measure/row.ts";

const entries = {
  family: "time",
  heading: "Where the time of a start in a whole file goes",
  told: "takes each content for new",
} as const;

const eight = "start or stop on 50 000 entries, 8 processes, p50";
const besideDocument: RowName = {
  name: `${eight}, beside a bare document`,
  baseline: "one field changed by core's document",
};
const oneField = "one field changed by core's document, of 50 000 entries that another changed";

const takenForNew =
  "it takes each content for new: it makes the old text again to see whether it was of the canonical form (21 % of the profile), and looks how deep it nests (15 %)";

/** Where core's document, which knows nothing of time, has missed the goal by itself. */
function theDocument(row: Row, name: string, ratio: number): string | undefined {
  if (!(ratio > goalOf(row))) return undefined;
  return `core's document, which knows nothing of time, takes ${times(ratio)} times the baseline to change one field, in the same rounds (row "${name}"): ${takenForNew}`;
}

const alone = (before: string): readonly Limit[] => [
  {
    ...entries,
    row: new RegExp(`^${before}a start or stop, of`),
    baseline: /^read, parse/,
    rests: [{ name: before + oneField }],
    limit: (row, document) => theDocument(row, before + oneField, document?.ratio ?? Number.NaN),
  },
  {
    ...entries,
    row: new RegExp(`^${before}a start or stop, of`),
    baseline: /^one field changed/,
    limit: (row) => `not explained: ${spreads(row)}`,
  },
  {
    ...entries,
    row: new RegExp(`^${before}one field changed`),
    limit: `core's document: ${takenForNew}`,
  },
];

export const timeLimits: readonly Limit[] = [
  {
    ...entries,
    row: /^start or stop on 50 000 entries, 8 processes/,
    baseline: /^lock, read/,
    rests: [besideDocument],
    limit: (row, document) => theDocument(row, besideDocument.name, baselineRatio(document, row)),
  },
  ...alone(""),
  ...alone("processor time of "),
];
