/** Issues of the shape of real ones: about a kilobyte each, a third of them open, most with a dependency or two. */
import { appendFileSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const words =
  "agent sync merge daemon export import lock branch issue ready status label worktree conflict test fix — → when the a of to and is in for with".split(
    " ",
  );
const types = ["task", "bug", "feature", "chore", "epic"];

/** The same numbers on every machine. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

function issueAt(at: number, next: () => number): object {
  const id = `bd-${at.toString(36)}`;
  const instant = new Date(Date.UTC(2025, 9, 1) + at * 600_000).toISOString().replace("Z", "123456Z");
  const text = (count: number): string =>
    Array.from({ length: count }, () => words[Math.floor(next() * words.length)]).join(" ");
  const closed = next() > 0.33;
  const dependency = (target: number, type: string): object => ({
    issue_id: id,
    depends_on_id: `bd-${target.toString(36)}`,
    type,
    created_at: instant,
    created_by: "ann",
  });
  const dependencies = [
    ...(at > 10 && next() > 0.3 ? [dependency(Math.floor(next() * at), "blocks")] : []),
    ...(at > 100 && next() > 0.5 ? [dependency(Math.floor(next() * 100), "parent-child")] : []),
  ];
  return {
    id,
    title: text(8),
    description: text(60 + Math.floor(next() * 100)),
    status: closed ? "closed" : "open",
    priority: Math.floor(next() * 5),
    issue_type: types[Math.floor(next() * types.length)],
    created_at: instant,
    created_by: "ann",
    updated_at: instant,
    ...(closed && { closed_at: instant, close_reason: text(6) }),
    ...(next() > 0.9 && { labels: ["backend", "p1"] }),
    ...(dependencies.length > 0 && { dependencies }),
  };
}

/** Writes so many issues into a new `.beads` directory. @returns The directory and the size of its file. */
export function writeIssues(
  root: string,
  count: number,
  seed = 42,
): { readonly directory: string; readonly bytes: number } {
  const directory = join(root, ".beads");
  mkdirSync(directory, { recursive: true });
  const source = numbers(seed);
  const next = (): number => source.next().value;
  const path = join(directory, "issues.jsonl");
  writeFileSync(path, "");
  for (let done = 0; done < count; done += 10_000) {
    const length = Math.min(10_000, count - done);
    appendFileSync(
      path,
      Array.from({ length }, (_, at) => `${JSON.stringify(issueAt(done + at, next))}\n`).join(""),
    );
  }
  return { directory, bytes: statSync(path).size };
}
