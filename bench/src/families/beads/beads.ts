/** The issue log of `.beads`, with 20,000 issues of about a kilobyte each. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { disturbance, interleave, warmUp } from "../../measure/rounds.ts";
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
  const memory = await measureMemory(context, directory, bytes);
  const [open, parse, cursor, ready, append] = (await Promise.all(
    ["open", "parse", "cursor", "ready", "append"].map((role) => worker(role, directory).ready()),
  )) as [Program, Program, Program, Program, Program];
  const contenders = {
    open: () => open.ask<Cost>(""),
    parse: () => parse.ask<Cost>(""),
    cursor: () => cursor.ask<Cost>(""),
  };
  await warmUp(2, contenders);
  const costs = await interleave(rounds * 2, contenders);
  const afterAppend = {
    ready: async () => {
      await append.ask("1");
      return await ready.ask<Cost>("");
    },
  };
  await ready.ask("");
  await warmUp(rounds, afterAppend);
  const warm = await interleave(rounds * 3, afterAppend);
  await Promise.all([open, parse, cursor, ready, append].map((program) => program.end()));
  const cpuMs = (all: readonly Cost[]): number[] => all.map(({ cpuUs }) => cpuUs / 1_000);
  return [
    judge({
      name: `cold open of ${issuesIn(context)} issues, ${sizeOf(bytes)}`,
      durability: "none",
      unit: "ms",
      ours: cpuMs(costs.open),
      baseline: { name: "split and JSON.parse of the same bytes", values: cpuMs(costs.parse) },
      goal: { compared: "ours / baseline", atMost: 1.5 },
      note: `processor time; core's log alone, its records put into a map, takes ${Math.round(median(cpuMs(costs.cursor)))} ms`,
      disturbance: costs[disturbance],
    }),
    judge({
      name: "ready() after an append of another process",
      durability: "none",
      unit: "ms",
      ours: cpuMs(warm.ready),
      goal: { compared: "ours", atMost: 5 },
      note: "processor time",
      disturbance: warm[disturbance],
    }),
    ...memory,
  ];
}

const sizeOf = (bytes: number): string => `${Math.round(bytes / 1e5) / 10} MB`;

interface OpenMemory {
  readonly rssBytes: number;
  readonly addedBytes: number;
}

interface AgentMemory {
  readonly addedBytes: number;
  readonly liveBytes: number;
  readonly youngBytes: number;
}

/** Of a new process each round: what one has asked the system for, it seldom gives back. */
async function measureMemory(
  context: BenchContext,
  directory: string,
  bytes: number,
): Promise<readonly Row[]> {
  const { rounds } = durations(context);
  let run = 0;
  /** An agent changes its issues. */
  const own = (): string =>
    writeIssues(context.file(`beads-agent-${(run += 1)}`), issuesIn(context), context.seed).directory;
  const opening = await interleave(rounds, { ours: () => askNew<OpenMemory>("open", directory) });
  const working = await interleave(rounds, { ours: () => askNew<AgentMemory>("agent", own()) });
  const inAll = (key: "liveBytes" | "youngBytes"): string =>
    (median(working.ours.map((each) => each[key])) / bytes).toFixed(1);
  const row = { durability: "none", unit: "index", goal: { compared: "ours", atMost: 6 } } as const;
  return [
    judge({
      ...row,
      name: "resident memory that opening adds, for each byte of the file",
      ours: opening.ours.map(({ addedBytes }) => addedBytes / bytes),
      note: `${sizeOf(bytes)}; the whole process, with Node and its compiler of types, has ${Math.round(median(opening.ours.map(({ rssBytes }) => rssBytes)) / 1e6)} MB`,
      disturbance: opening[disturbance],
    }),
    judge({
      ...row,
      name: "resident memory that opening, ready() and 100 updates add, for each byte of the file",
      ours: working.ours.map(({ addedBytes }) => addedBytes / bytes),
      note: `${inAll("liveBytes")} in use once the collector has run; V8's young generation, empty or not, has ${inAll("youngBytes")}`,
      disturbance: working[disturbance],
    }),
  ];
}

async function askNew<Answer>(role: string, directory: string): Promise<Answer> {
  const program = await worker(role, directory).ready();
  const answer = await program.ask<Answer>("");
  await program.end();
  return answer;
}

type Program = Awaited<ReturnType<ReturnType<typeof worker>["ready"]>>;

async function measureUpdates(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const many = writeIssues(context.file("beads-many"), issuesIn(context), context.seed).directory;
  const few = writeIssues(context.file("beads-few"), issuesIn(context) / 100, context.seed).directory;
  const [large, small] = await Promise.all([worker("update", many).ready(), worker("update", few).ready()]);
  const count = String(Math.ceil(200 / shrink));
  const contenders = { large: () => large.ask<Cost>(count), small: () => small.ask<Cost>(count) };
  await warmUp(1, contenders);
  const costs = await interleave(rounds * 2, contenders);
  await Promise.all([large.end(), small.end()]);
  const row = (name: string, figure: keyof Cost): Row =>
    judge({
      name,
      durability: "disk",
      unit: "us",
      ours: costs.large.map((cost) => cost[figure]),
      baseline: { name: "of one of a hundredth of them", values: costs.small.map((cost) => cost[figure]) },
      goal: { compared: "ours / baseline", atMost: 1.3 },
    });
  const name = `durable update of one of ${issuesIn(context)} issues`;
  return [row(name, "wallUs"), row(`processor time of a ${name}`, "cpuUs")];
}

export const reading: Group = { name: "issues", measure: measureReading };
export const updating: Group = { name: "issue updates", measure: measureUpdates };
