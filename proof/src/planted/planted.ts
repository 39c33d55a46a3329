/** The proof of the proof: packages with a bug that was planted on purpose are found out, and those without one are not. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inParallel } from "../harness/in-parallel.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { wantedNames } from "../harness/wanted.ts";
import { oldBugs, plantedBugs } from "./bugs.ts";
import { CopyOfPackages } from "./copy-of-packages.ts";
import type { PlantedBug } from "./planted-bug.ts";

export async function planted(context: PartContext): Promise<void> {
  const wanted = wantedNames();
  const chosen = plantedBugs.filter(({ name }) => wanted?.test(name) ?? (context.long || few.has(name)));
  await plantBugs(context, chosen);
}

/** One of each kind: read off the system calls, failed in this process, and looked at. */
export const few: ReadonlySet<string> = new Set([
  "does not sync the directory of a replaced file",
  "keeps a descriptor open when staging fails",
  "does not look whether the lock file it locked is still there",
]);

/** The same of the old code of each regression that can be brought back. Its short form takes three by the seed. */
export async function regressions(context: PartContext): Promise<void> {
  const wanted = wantedNames();
  const some = context.long ? oldBugs : context.random.shuffled(oldBugs).slice(0, 3);
  await plantBugs(context, wanted === undefined ? some : oldBugs.filter(({ name }) => wanted.test(name)));
}

/** Plants each bug in a copy of the packages, and lets its look see it; and each look once where nothing is planted. */
export async function plantBugs(
  { tally, seed, say }: PartContext,
  bugs: readonly PlantedBug[],
): Promise<void> {
  for (const name of ["planted", "caught"]) tally.count(name, 0);
  await withTemporaryDirectory(async (root) => {
    const copies = [0, 1].map((number) => new CopyOfPackages(join(root, `copy-${number}`)));
    const inCopy = async <T>(work: (copy: CopyOfPackages) => Promise<T>): Promise<T> => {
      const copy = copies.pop();
      if (copy === undefined) throw new Error("more looks at once than copies");
      try {
        return await work(copy);
      } finally {
        copy.restore();
        copies.push(copy);
      }
    };
    const skipped = new Set<string>();
    await inParallel(2, [...new Set(bugs.map(({ look }) => look))], (look) =>
      inCopy(async (copy) => {
        const { code, said } = await send(copy, look, seed);
        if (/\b0 passed, 0 failed, [1-9]\d* skipped/.test(said)) {
          skipped.add(look);
          return tally.skip(`control of ${look}`, said);
        }
        await tally.check(`nothing is planted: ${look}`, () => {
          if (code !== 0 || !/\b[1-9]\d* passed, 0 failed/.test(said)) throw new Error(said.slice(0, 2_000));
          const [easy] = bugs.filter((bug) => bug.look === look && bug.sees.test(said));
          if (easy !== undefined) throw new Error(`${String(easy.sees)} is said though nothing is planted`);
        });
        return undefined;
      }),
    );
    const rows: string[] = [];
    await inParallel(2, bugs, (bug) =>
      inCopy(async (copy) => {
        const { name, look, sees } = bug;
        if (skipped.has(look)) return tally.skip(name, `${look} cannot be done here`);
        copy.plant(bug.edits);
        tally.count("planted");
        const { said, tries } = await untilSeen(copy, bug, seed);
        if (tries > 1) tally.count("seen_with_a_later_seed");
        await tally.check(`planted: a package that ${name}`, () => {
          if (said === undefined)
            throw new Error(`${look} did not say ${String(sees)} with ${seedsTried} seeds`);
          if (sees.test(titlesIn(said)))
            throw new Error(`${String(sees)} is the name of a check: it is said whatever made that one fail`);
          tally.count("caught");
          rows.push(`| ${name} | ${look} | ${lineSeen(said, sees)} | ${tries} |`);
        });
        return undefined;
      }),
    );
    for (const row of [
      "| a package that | is caught by | which says | with so many seeds |",
      "| --- | --- | --- | --- |",
      ...rows.toSorted(),
    ])
      say(row);
  });
}

/** A bug may keep its look from ever coming to an end. */
const longestLookMs = 300_000;

/** A look that kills here and there may miss the few calls at which a bug shows: another seed kills elsewhere. */
const seedsTried = 6;

/** What the look said that saw the bug. */
async function untilSeen(
  copy: CopyOfPackages,
  { look, sees }: PlantedBug,
  seed: number,
): Promise<{ readonly said?: string; readonly tries: number }> {
  for (let at = 0; at < seedsTried; at += 1) {
    const { code, said } = await send(copy, look, seed + at);
    if (code !== 0 && sees.test(said)) return { said, tries: at + 1 };
  }
  return { tries: seedsTried };
}

/** What is said of a failure before its reason: which check it was, and the counts of the whole look. */
function titlesIn(said: string): string {
  const isTitle = /^FAILED {2}|\b\d+ passed, \d+ failed\b/;
  return said
    .split("\n")
    .filter((line) => isTitle.test(line))
    .join("\n");
}

/** Lets a look see a copy, in a process of its own whose every module is the copy's. */
async function send(
  copy: CopyOfPackages,
  look: string,
  seed: number,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const lines: string[] = [];
  const file = pathToFileURL(join(copy.directory, "proof/src/planted/look.ts"));
  const program = Program.node(file, [look, "--seed", `${seed}`], { onLine: (line) => lines.push(line) });
  const tooLong = setTimeout(() => program.kill(), longestLookMs);
  const { code, errors } = await program.exited.finally(() => clearTimeout(tooLong));
  return { code, said: [...lines, errors].join("\n").trim() };
}

/** The line that the reason ends in. */
function lineSeen(said: string, sees: RegExp): string {
  const [seen = "", ...rest] = said.split(sees);
  const before = `${seen}${sees.exec(said)?.[0] ?? ""}`;
  const line = `${before.slice(before.lastIndexOf("\n") + 1)}${rest[0]?.split("\n")[0] ?? ""}`;
  return line.trim().replaceAll("|", "\\|").slice(0, 160);
}
