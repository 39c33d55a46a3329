/** No ReDoS, and no other scanner that is slow with long text: the time grows with the text, not with its square (P10). */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { mergeIssueTexts, openBeads } from "@flockwork/beads";
import { parseSelector } from "@flockwork/registry";
import { fromBacklog, openTasks } from "@flockwork/tasks";
import { openJit, type JitRepository } from "@flockwork/tasks/jit";
import { openTodo2State } from "@flockwork/tasks/todo2";
import { EditSyntaxError, parseEdits } from "../../../packages/cli/src/edit/parse-edit.ts";
import { UsageError } from "../../../packages/cli/src/command.ts";
import { lockOptionsOf } from "../../../packages/cli/src/lock-arguments.ts";
import { plain } from "../../../packages/cli/src/output.ts";
import { openQueue } from "../../../packages/queue/src/index.ts";
import { openTimeTracking, type TimeTracking } from "../../../packages/time-tracking/src/index.ts";
import { editJson, fileStore, jsonDocument, jsonlLog, updateJson } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { onFastDisk } from "../states/states.ts";
import { issueLine, longTexts } from "./long-texts.ts";
import { isMisuse } from "./refusal.ts";

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
  ["a number after blanks", (length) => `${" ".repeat(length)}1\n`],
  ["a string of escapes", (length) => `"${"\\\\".repeat(length / 2)}"\n`],
  ["objects", (length) => `[${'{"a":"b"},'.repeat(length / 10)}{}]\n`],
  ["records", (length) => '{"a":"b"}\n'.repeat(length / 10)],
];

const patternNames = patterns.map(([name]) => name);

export interface Scanner {
  readonly name: string;
  /** The patterns that are valid for it, by name: of these it reads one of the two lengths to its end. The others it may refuse. */
  readonly valid: readonly string[];
  /** A text that is valid for it, of about that length, where no pattern is: it is read each time. Or why none is as long. */
  readonly own?: ((length: number) => string) | string;
  run(text: string, directory: string): unknown;
  /** Errors of parsers without a file, which are no typed ones. */
  allows?(error: unknown): boolean;
}

const json = ["a number after blanks", "a string of escapes", "objects"];
const everything = patternNames;

export const scanners: readonly Scanner[] = [
  { name: "a document", valid: json, run: (text, directory) => jsonDocument(put(directory, text)).read() },
  {
    name: "a string of a document",
    valid: everything,
    run: (text, directory) => jsonDocument(put(directory, JSON.stringify({ text }))).read(),
  },
  {
    name: "a change beside a string",
    valid: everything,
    run: (text, directory) =>
      updateJson<{ n: number }>(
        put(directory, JSON.stringify({ text, n: 1 })),
        (draft) => void (draft.n += 1),
        {
          durability: "os",
        },
      ),
  },
  { name: "editJson", valid: json, run: (text) => editJson(text, () => undefined) },
  {
    name: "a log",
    valid: [...json, "records"],
    run: (text, directory) => jsonlLog(put(directory, text)).read(),
  },
  {
    name: "issues of beads",
    valid: [],
    own: longTexts.issues,
    run: (text, directory) => withBeads(directory, text),
  },
  {
    name: "a merge of issues",
    valid: [],
    own: longTexts.issues,
    run: (text) =>
      mergeIssueTexts({
        base: text,
        ours: `${text}${issueLine("bd-ours")}`,
        theirs: `${text}${issueLine("bd-theirs")}`,
      }),
  },
  {
    name: "a selector of agents",
    valid: ["blanks", "a number after blanks"],
    run: (text) => parseSelector(text),
  },
  {
    name: "a task of Backlog.md",
    valid: ["lines"],
    run: (text) => fromBacklog([{ name: "task-1 - a.md", text: `---\nid: ${text}` }]),
  },
  {
    name: "a schedule",
    valid: [],
    own: longTexts.cron,
    run: async (text, directory) => {
      const queue = openQueue(fileStore(directory));
      try {
        await queue.schedule({ name: "n", cron: text, payload: null });
      } finally {
        await queue.close();
      }
    },
  },
  {
    name: "tasks of FlowForge",
    valid: [],
    own: longTexts.flowforgeTasks,
    run(text, directory) {
      put(directory, text, ".flowforge/tasks.json");
      return openTasks(directory).list();
    },
  },
  {
    name: "the text of a task",
    valid: everything,
    run: (text, directory) => openTasks(directory).create({ title: "t", description: text }),
  },
  {
    name: "a state file of todo2",
    valid: [],
    own: longTexts.todo2State,
    run: (text, directory) => withTodo2(directory, text),
  },
  {
    name: "an index of jit",
    valid: [],
    own: longTexts.jitIndex,
    run: (text, directory) => jitWith(directory, "index.json", text).list(),
  },
  {
    name: "events of jit",
    valid: [],
    own: longTexts.jitEvents,
    run: (text, directory) => jitWith(directory, "events.jsonl", text).events(),
  },
  {
    name: "FlowForge's file of times",
    valid: [],
    own: longTexts.flowforgeTimes,
    run: (text, directory) => timeWith(directory, "time-tracking.json", text).entries(),
  },
  {
    name: "a journal of times",
    valid: [],
    own: longTexts.timeJournal,
    run: (text, directory) => timeWith(directory, "time-journal.jsonl", text).entries(),
  },
  {
    name: "an instant of time tracking",
    valid: [],
    own: "with its zone it has 35 characters at most",
    run: (text, directory) =>
      openTimeTracking(directory, { timeZone: "UTC" }).add({
        taskId: "1",
        actorId: "ada",
        startedAt: text,
        endedAt: "2026-03-02T10:00:00Z",
      }),
  },
  {
    name: "an edit of the command line",
    valid: [],
    own: longTexts.edits,
    run: (text) => parseEdits(text),
    allows: (error) => error instanceof EditSyntaxError,
  },
  {
    name: "a value in an edit of the command line",
    valid: json,
    run: (text) => parseEdits(`.a = ${text}`),
    allows: (error) => error instanceof EditSyntaxError,
  },
  {
    name: "a timeout of the command line",
    valid: ["a number after blanks"],
    run: (text) => lockOptionsOf({ positionals: [], values: { timeout: text }, rest: [] }),
    allows: (error) => error instanceof UsageError,
  },
  { name: "what the command line shows", valid: everything, run: (text) => plain(text) },
];

export async function linearTime(
  { tally, say, long, seed }: PartContext,
  chosen: readonly Scanner[] = scanners,
): Promise<void> {
  for (const [at, scanner] of chosen.entries()) {
    const valid = patterns.filter(([name]) => scanner.valid.includes(name));
    const always = valid[(at + seed) % valid.length]?.[0];
    const some = patterns.filter(([name], index) => long || (index + at + seed) % 4 === 0 || name === always);
    await tally.check(
      `16 times the text takes no more than a multiple of the time: ${scanner.name}`,
      async () => {
        for (const [pattern, make] of some)
          await growsWithTheText(scanner, pattern, make, scanner.valid.includes(pattern));
        if (typeof scanner.own === "function")
          await growsWithTheText(scanner, "a text of its own", scanner.own, true);
      },
    );
  }
  say("long texts");
}

async function growsWithTheText(
  scanner: Scanner,
  pattern: string,
  make: (length: number) => string,
  isValid: boolean,
): Promise<void> {
  let seen = "";
  for (let tries = 0; tries < 5; tries += 1) {
    const long = await scan(scanner, make(factor * shortest));
    const mustRead = isValid && long.refusal !== undefined;
    if (long.cpuMs <= enoughMs && !mustRead) return;
    const short = await scan(scanner, make(shortest));
    if (mustRead && short.refusal !== undefined)
      throw new Error(`${pattern}: refused, though it is valid`, { cause: short.refusal });
    if (long.cpuMs / Math.max(short.cpuMs, enoughMs / factor) <= mostGrowth) return;
    seen = `${pattern}: ${short.cpuMs} ms for 64 KiB, ${long.cpuMs} ms for a megabyte`;
  }
  throw new Error(seen);
}

interface Scanned {
  readonly cpuMs: number;
  readonly refusal: unknown;
}

/**
 * In processor time of this process, which does nothing else: how busy the machine is hardly matters.
 *
 * @throws what is no refusal: whoever fails at the first byte is quick with any text.
 */
async function scan(scanner: Scanner, text: string): Promise<Scanned> {
  return await onFastDisk(async (directory) => {
    const before = process.cpuUsage();
    let refusal: unknown;
    try {
      await scanner.run(text, directory);
    } catch (error) {
      if (!isMisuse(error) && scanner.allows?.(error) !== true) throw error;
      refusal = error;
    }
    return { cpuMs: process.cpuUsage(before).user / 1_000, refusal };
  });
}

function put(directory: string, text: string, name = "data"): string {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

async function withBeads(directory: string, text: string): Promise<void> {
  put(directory, text, ".beads/issues.jsonl");
  const beads = openBeads(join(directory, ".beads"));
  try {
    await beads.list({});
  } finally {
    await beads.dispose();
  }
}

async function withTodo2(directory: string, text: string): Promise<void> {
  put(directory, text, ".todo2/state.todo2.json");
  const tasks = openTodo2State(directory);
  try {
    await tasks.list();
  } finally {
    await tasks.close();
  }
}

const jitWith = (directory: string, name: string, text: string): JitRepository => {
  put(directory, text, join(".jit", name));
  return openJit(directory, { branch: "main" });
};

function timeWith(directory: string, name: string, text: string): TimeTracking {
  put(directory, text, join(".flowforge", "billing", name));
  return openTimeTracking(directory, {
    timeZone: "UTC",
    mode: name.includes("journal") ? "journal" : "document",
  });
}
