/** No ReDoS, and no other scanner that is slow with long text: the time grows with the text, not with its square (P10). */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mergeIssueTexts, openBeads } from "@flockwork/beads";
import { parseSelector } from "@flockwork/registry";
import { fromBacklog } from "@flockwork/tasks";
import { openQueue } from "../../../packages/queue/src/index.ts";
import { editJson, fileStore, jsonDocument, jsonlLog, updateJson } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { onFastDisk } from "../states/states.ts";

const shortest = 64 * 1024;
const factor = 16;
/** Asked of a megabyte; on a busy machine only growth tells more than that. */
const enoughMs = 50;
/** A square would be 256. */
const mostGrowth = 4 * factor;

/** What makes a scanner go back: many openings, many near misses, one end that does not fit. */
const patterns: readonly (readonly [string, (length: number) => string])[] = [
  ["escapes", (length) => "\\".repeat(length)],
  ["quotes", (length) => '"'.repeat(length)],
  ["openings", (length) => "[{(".repeat(length / 3)],
  ["blanks", (length) => `${" ".repeat(length)}x`],
  ["digits", (length) => `${"1".repeat(length)}e`],
  ["commas", (length) => "a,".repeat(length / 2)],
  ["lines", (length) => "---\n".repeat(length / 4)],
  ["equal signs", (length) => "a=b,".repeat(length / 4)],
  ["conflict marks", (length) => "<<<<<<< a\n".repeat(length / 10)],
  ["stars", (length) => `${"*/1,".repeat(length / 4)}x`],
];

export interface Scanner {
  readonly name: string;
  run(text: string, directory: string): unknown;
}

const scanners: readonly Scanner[] = [
  { name: "a document", run: (text, directory) => jsonDocument(put(directory, text)).read() },
  {
    name: "a string of a document",
    run: (text, directory) => jsonDocument(put(directory, JSON.stringify({ text }))).read(),
  },
  {
    name: "a change beside a string",
    run: (text, directory) =>
      updateJson<{ n: number }>(
        put(directory, JSON.stringify({ text, n: 1 })),
        (draft) => void (draft.n += 1),
        {
          durability: "os",
        },
      ),
  },
  { name: "editJson", run: (text) => editJson(text, () => undefined) },
  { name: "a log", run: (text, directory) => jsonlLog(put(directory, text)).read() },
  { name: "issues of beads", run: (text, directory) => withBeads(directory, text) },
  {
    name: "a merge of issues",
    run: (text) => mergeIssueTexts({ base: text, ours: `${text}1`, theirs: `${text}2` }),
  },
  { name: "a selector of agents", run: (text) => parseSelector(text) },
  {
    name: "a task of Backlog.md",
    run: (text) => fromBacklog([{ name: "task-1 - a.md", text: `---\nid: ${text}` }]),
  },
  {
    name: "a schedule",
    run: async (text, directory) => {
      const queue = openQueue(fileStore(directory));
      try {
        await queue.schedule({ name: "n", cron: text, payload: null });
      } finally {
        await queue.close();
      }
    },
  },
];

export async function linearTime(
  { tally, say, long, seed }: PartContext,
  chosen: readonly Scanner[] = scanners,
): Promise<void> {
  for (const [at, scanner] of chosen.entries()) {
    const some = patterns.filter((_, index) => long || (index + at + seed) % 4 === 0);
    await tally.check(
      `16 times the text takes no more than a multiple of the time: ${scanner.name}`,
      async () => {
        for (const [pattern, make] of some) await growsWithTheText(scanner, pattern, make);
      },
    );
  }
  say("long texts");
}

async function growsWithTheText(
  scanner: Scanner,
  pattern: string,
  make: (length: number) => string,
): Promise<void> {
  let seen = "";
  for (let tries = 0; tries < 2; tries += 1) {
    const long = await cpuMs(scanner, make(factor * shortest));
    if (long <= enoughMs) return;
    const short = await cpuMs(scanner, make(shortest));
    if (long / Math.max(short, enoughMs / factor) <= mostGrowth) return;
    seen = `${pattern}: ${short} ms for 64 KiB, ${long} ms for a megabyte`;
  }
  throw new Error(seen);
}

/** Of this process, which does nothing else: how busy the machine is hardly matters. */
async function cpuMs(scanner: Scanner, text: string): Promise<number> {
  return await onFastDisk(async (directory) => {
    const before = process.cpuUsage();
    try {
      await scanner.run(text, directory);
    } catch {
      // Whether it is refused is asked elsewhere.
    }
    return process.cpuUsage(before).user / 1_000;
  });
}

function put(directory: string, text: string): string {
  const path = join(directory, "data");
  writeFileSync(path, text);
  return path;
}

async function withBeads(directory: string, text: string): Promise<void> {
  mkdirSync(join(directory, ".beads"));
  writeFileSync(join(directory, ".beads", "issues.jsonl"), text);
  const beads = openBeads(join(directory, ".beads"));
  try {
    await beads.list({});
  } finally {
    await beads.dispose();
  }
}
