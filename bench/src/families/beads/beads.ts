/** The issue log of `.beads`, with 20,000 issues of about a kilobyte each. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { interleave } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { median } from "../../measure/statistics.ts";
import type { Cost } from "../../workers/line-server.ts";
import { writeIssues } from "./generated-issues.ts";

const worker = (role: string, directory: string): ReturnType<typeof nodeWorker> =>
  nodeWorker("../families/beads/worker.ts", [role, directory]);
const issuesIn = ({ quick }: BenchContext): number => (quick ? 1_000 : 20_000);

async function measureReading(context: BenchContext): Promise<readonly Row[]> {
  const { rounds } = durations(context);
  const { directory, bytes } = writeIssues(context.file("beads-reading"), issuesIn(context), context.seed);
  const [open, parse, cursor, ready, append] = (await Promise.all(
    ["open", "parse", "cursor", "ready", "append"].map((role) => worker(role, directory).ready()),
  )) as [Program, Program, Program, Program, Program];
  const first = await worker("open", directory).ready();
  const { rssBytes, addedBytes } = await first.ask<{
    readonly rssBytes: number;
    readonly addedBytes: number;
  }>("");
  await first.end();
  const busy = await worker(
    "agent",
    writeIssues(context.file("beads-agent"), issuesIn(context), context.seed).directory,
  ).ready();
  const agent = await busy.ask<{
    readonly addedBytes: number;
    readonly liveBytes: number;
    readonly youngBytes: number;
  }>("");
  await busy.end();
  const contenders = {
    open: () => open.ask<Cost>(""),
    parse: () => parse.ask<Cost>(""),
    cursor: () => cursor.ask<Cost>(""),
  };
  await interleave(2, contenders);
  const costs = await interleave(rounds * 2, contenders);
  await ready.ask("");
  const warm: Cost[] = [];
  for (let round = 0; round < rounds * 4; round += 1) {
    await append.ask("1");
    warm.push(await ready.ask<Cost>(""));
  }
  await Promise.all([open, parse, cursor, ready, append].map((program) => program.end()));
  const size = `${Math.round(bytes / 1e5) / 10} MB`;
  const inAll = (bytesOf: number): string => (bytesOf / bytes).toFixed(1);
  const cpuMs = (all: readonly Cost[]): number[] => all.map(({ cpuUs }) => cpuUs / 1_000);
  return [
    judge({
      name: `cold open of ${issuesIn(context)} issues, ${size}`,
      durability: "none",
      unit: "ms",
      ours: cpuMs(costs.open),
      baseline: { name: "split and JSON.parse of the same bytes", values: cpuMs(costs.parse) },
      goal: { compared: "ours / baseline", atMost: 1.5 },
      note: `processor time; core's log alone, its records put into a map, takes ${Math.round(median(cpuMs(costs.cursor)))} ms`,
    }),
    judge({
      name: "ready() after an append of another process",
      durability: "none",
      unit: "ms",
      ours: cpuMs(warm.slice(rounds)),
      goal: { compared: "ours", atMost: 5 },
      note: "processor time",
    }),
    judge({
      name: "resident memory that opening adds, for each byte of the file",
      durability: "none",
      unit: "index",
      ours: [addedBytes / bytes],
      goal: { compared: "ours", atMost: 6 },
      note: `${size}; the whole process, with Node and its compiler of types, has ${Math.round(rssBytes / 1e6)} MB`,
    }),
    judge({
      name: "resident memory that opening, ready() and 100 updates add, for each byte of the file",
      durability: "none",
      unit: "index",
      ours: [agent.addedBytes / bytes],
      goal: { compared: "ours", atMost: 6 },
      note: `${inAll(agent.liveBytes)} in use once the collector has run; V8's young generation, empty or not, has ${inAll(agent.youngBytes)}`,
    }),
  ];
}

type Program = Awaited<ReturnType<ReturnType<typeof worker>["ready"]>>;

async function measureUpdates(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const many = writeIssues(context.file("beads-many"), issuesIn(context), context.seed).directory;
  const few = writeIssues(context.file("beads-few"), issuesIn(context) / 100, context.seed).directory;
  const [large, small] = await Promise.all([worker("update", many).ready(), worker("update", few).ready()]);
  const count = String(Math.ceil(200 / shrink));
  const contenders = { large: () => large.ask<Cost>(count), small: () => small.ask<Cost>(count) };
  await interleave(1, contenders);
  const costs = await interleave(rounds * 2, contenders);
  await Promise.all([large.end(), small.end()]);
  return [
    judge({
      name: `durable update of one of ${issuesIn(context)} issues`,
      durability: "disk",
      unit: "us",
      ours: costs.large.map(({ cpuUs }) => cpuUs),
      baseline: { name: "of one of a hundredth of them", values: costs.small.map(({ cpuUs }) => cpuUs) },
      goal: { compared: "ours / baseline", atMost: 1.3 },
      note: "processor time",
    }),
  ];
}

export const reading: Group = { name: "issues", measure: measureReading };
export const updating: Group = { name: "issue updates", measure: measureUpdates };
