/** One program of the beads rows. Arguments: what it does, the `.beads` directory. */
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openBeads, type Beads } from "@flockwork/beads";
import { fileStore } from "@flockwork/core";
import { answerLines, costOf } from "../../workers/line-server.ts";
import { issueOfBytes, newIssue } from "./new-issue.ts";

/** What a process has more of than before it opened the file. */
export interface Memory {
  readonly addedBytes: number;
  /** Of the heap, once the collector has run. */
  readonly liveBytes: number;
  readonly youngBytes: number;
}

const [role = "", directory = ""] = process.argv.slice(2);
const path = join(directory, "issues.jsonl");
let made = 0;

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

/** The room that V8 keeps for what was made last; it grows with what survives, and is seldom given back. */
function youngGenerationBytes(): number {
  const spaces = getHeapSpaceStatistics();
  return spaces.find(({ space_name: name }) => name === "new_space")?.physical_space_size ?? 0;
}

async function openAndGet(): Promise<Beads> {
  const beads = openBeads(directory);
  if ((await beads.get("bd-1")) === undefined) throw new Error("nothing was read");
  return beads;
}

/** What a process has more of once it has done something. The issues stay in use until all is told. */
async function memoryOf(work: () => Promise<Beads>): Promise<Memory> {
  const before = process.memoryUsage();
  const youngBefore = youngGenerationBytes();
  const beads = await work();
  const addedBytes = process.memoryUsage.rss() - before.rss;
  const youngBytes = youngGenerationBytes() - youngBefore;
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const liveBytes = heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers;
  if ((await beads.stats()).total === 0) throw new Error("nothing was read");
  return { addedBytes, liveBytes, youngBytes };
}

const roles: Readonly<Record<string, () => (order: string) => unknown>> = {
  /** Opens everything anew for each line. */
  open: () => async () => {
    const before = process.memoryUsage.rss();
    const cost = await costOf(1, openAndGet);
    return { ...cost, addedBytes: process.memoryUsage.rss() - before };
  },
  parse: () => async () =>
    await costOf(1, () => {
      const lines = readFileSync(path, "utf8").split("\n");
      const issues = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as { id: string });
      if (issues.length === 0) throw new Error("nothing was read");
    }),
  /** What core's log takes for it: read in pieces, checked for UTF-8 and depth, each record put into a map. */
  cursor: () => async () =>
    await costOf(1, async () => {
      const issues = new Map<string, { id: string }>();
      const cursor = fileStore(directory).log<{ id: string }>({ name: "issues.jsonl" }).cursor();
      await cursor.advance({
        apply: (issue) => void issues.set(issue.id, issue),
        reset: () => issues.clear(),
      });
      if (issues.size === 0) throw new Error("nothing was read");
    }),
  /** Keeps issues open; each line asks what is ready. */
  ready: () => {
    const beads = openBeads(directory);
    return async () => {
      const cost = await costOf(1, () => beads.ready());
      return { ...cost, issues: (await beads.stats()).total };
    };
  },
  /** Each line is a number of updates of one issue. */
  update: () => {
    const beads = openBeads(directory);
    return async (order) => {
      const count = Number(order);
      return await costOf(count, async () => {
        for (let n = 0; n < count; n += 1) await beads.update("bd-1", { title: `title ${(made += 1)}` });
      });
    };
  },
  /** Each line is a number of compactions: updates one issue until so many have taken its void lines out. */
  cycles: () => {
    const beads = openBeads(directory, { durability: "os" });
    let bytes = 0;
    return async (order) => {
      let [updates, compactions] = [0, 0];
      const { cpuUs } = await costOf(1, async () => {
        for (; compactions < Number(order); updates += 1) {
          await beads.update("bd-1", { title: `title ${(made += 1)}` });
          const { size } = statSync(path);
          if (size < bytes) compactions += 1;
          if (size > 1e9) throw new Error("nothing was taken out of a gigabyte");
          bytes = size;
        }
      });
      return { cpuUs: cpuUs / updates, updates };
    };
  },
  /** Each line is the bytes of the line of an issue: one process appends it, another reads it. */
  line: () => async (order) => {
    rmSync(path, { force: true });
    const issue = issueOfBytes(Number(order));
    let fault: string | null = null;
    const { cpuUs } = await costOf(1, async () => {
      const [writer, reader] = [openBeads(directory, { durability: "os" }), openBeads(directory)];
      try {
        await writer.append(issue);
        const read = await reader.get(issue.id);
        if (read?.description !== issue.description || statSync(path).size !== Number(order) + 1)
          fault = "another line than that was appended came back";
      } catch (error) {
        fault = (error as { readonly code?: string }).code ?? String(error);
      } finally {
        await Promise.all([writer.dispose(), reader.dispose()]);
      }
    });
    return { cpuUs, fault };
  },
  opened: () => async () => await memoryOf(openAndGet),
  /** What an agent does: looks for work, then changes issues. */
  agent: () => async () =>
    await memoryOf(async () => {
      const beads = openBeads(directory, { durability: "os" });
      await beads.ready();
      for (let n = 0; n < 100; n += 1) await beads.update("bd-1", { title: `title ${n}` });
      return beads;
    }),
  /** Each line is a number of issues to append. */
  append: () => {
    const beads = openBeads(directory);
    return async (order) => {
      for (let n = 0; n < Number(order); n += 1) await beads.append(newIssue());
      return {};
    };
  },
};

const start = roles[role];
if (start === undefined) throw new Error(`no role ${role}`);
await answerLines(start());
