import { compareInstants } from "./instant.ts";
import { isTombstone } from "./issue-status.ts";
import type { Issue } from "./issue.ts";

/** How a search looks. */
export interface SearchOptions {
  /** At most so many hits. Default 50. */
  readonly limit?: number | undefined;
  /** Also what is closed. Default true. */
  readonly closed?: boolean | undefined;
}

/** Where a word may be found, the telling places first. */
const places: readonly ((issue: Issue) => string)[] = [
  ({ id }) => id,
  ({ title }) => textsOf(title),
  ({ labels, assignee }) => textsOf(...(labels ?? []), assignee),
  ({ description, acceptance_criteria: criteria }) => textsOf(description, criteria),
  ({ notes, design }) => textsOf(notes, design),
  ({ comments }) => (comments ?? []).map(({ text }) => text).join("\n"),
];

/** What is no text cannot be searched: another program may have left anything there. */
function textsOf(...values: readonly unknown[]): string {
  return values.filter((value) => typeof value === "string").join("\n");
}

/**
 * Issues in which all words of the query occur, wherever; the best first: words in the id or the title count most, and among
 * equals the one that was changed last comes first. Capitals do not matter. Plain text, no patterns.
 */
export function searchIssues(
  issues: Iterable<Issue>,
  query: string,
  options: SearchOptions = {},
): readonly Issue[] {
  if (typeof query !== "string") throw new TypeError(`query must be a string, got ${typeof query}`);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const hits: { readonly issue: Issue; readonly score: number }[] = [];
  for (const issue of issues) {
    if (isTombstone(issue) || (options.closed === false && issue.status === "closed")) continue;
    const score = scoreOf(issue, words);
    if (score > 0) hits.push({ issue, score });
  }
  return hits
    .toSorted((a, b) => b.score - a.score || compareInstants(b.issue.updated_at, a.issue.updated_at))
    .slice(0, options.limit ?? 50)
    .map(({ issue }) => issue);
}

function scoreOf(issue: Issue, words: readonly string[]): number {
  let score = 0;
  const missing = new Set(words);
  places.forEach((place, rank) => {
    if (missing.size === 0) return;
    const text = place(issue).toLowerCase();
    for (const word of missing) {
      if (!text.includes(word)) continue;
      missing.delete(word);
      score += 1 << (places.length - rank);
    }
  });
  return missing.size === 0 ? score : 0;
}
