/** The issue log of `.beads`, with 20,000 issues of about a kilobyte each. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { disturbance, interleave, warmUp } from "../../measure/rounds.ts";
import { judge, type Measurement, type Row } from "../../measure/row.ts";
import type { Cost } from "../../workers/line-server.ts";
import { writeIssues } from "./generated-issues.ts";
import { agentMemory, coreLog } from "./row-names.ts";
import type { Memory } from "./worker.ts";

const worker = (role: string, directory: string): ReturnType<typeof nodeWorker> =>
  nodeWorker("../families/beads/worker.ts", [role, directory]);
const issuesIn = ({ quick }: BenchContext): number => (quick ? 1_000 : 20_000);

async function measureReading(context: BenchContext): Promise<readonly Row[]> {
  return [...(await measureOpening(context)), ...(await measureMemory(context))];
}

async function measureOpening(context: BenchContext): Promise<readonly Row[]> {
  const { rounds } = durations(context);
  const { directory, bytes } = writeIssues(context.file("beads-reading"), issuesIn(context), context.seed);
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
  const row = (name: string, values: readonly Cost[]): Row =>
    judge({
      name,
      durability: "none",
      unit: "ms",
      ours: cpuMs(values),
      baseline: { name: "split and JSON.parse of the same bytes", values: cpuMs(costs.parse) },
      goal: { compared: "ours / baseline", atMost: 1.5 },
      note: "processor time",
      disturbance: costs[disturbance],
    });
  return [
    row(`cold open of ${issuesIn(context)} issues, ${megabytes(bytes)}`, costs.open),
    row(coreLog, costs.cursor),
    judge({
      name: "ready() after an append of another process",
      durability: "none",
      unit: "ms",
      ours: cpuMs(warm.ready),
      goal: { compared: "ours", atMost: 5 },
      note: "processor time",
      disturbance: warm[disturbance],
    }),
  ];
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e5) / 10} MB`;

/** Each figure is of a process that has done nothing before, on a file that nobody has changed. */
async function measureMemory(context: BenchContext): Promise<readonly Row[]> {
  let files = 0;
  const write = () =>
    writeIssues(context.file(`beads-memory-${(files += 1)}`), issuesIn(context), context.seed);
  const { bytes } = write();
  const memoryOf = (role: string) => async (): Promise<Memory> => {
    const program = await worker(role, write().directory).ready();
    const memory = await program.ask<Memory>("");
    await program.end();
    return memory;
  };
  const contenders = { opened: memoryOf("opened"), agent: memoryOf("agent") };
  const { opened, agent, [disturbance]: others } = await interleave(durations(context).rounds, contenders);
  const row = (name: string, all: readonly Memory[], figure: keyof Memory): Measurement => ({
    name,
    durability: "none",
    unit: "index",
    ours: all.map((memory) => memory[figure] / bytes),
    goal: { compared: "ours", atMost: 6 },
    note: megabytes(bytes),
    disturbance: others,
  });
  return [
    judge(row("resident memory that opening adds, for each byte of the file", opened, "addedBytes")),
    judge(row(agentMemory.resident, agent, "addedBytes")),
    judge(row(agentMemory.inUse, agent, "liveBytes")),
    judge({ ...row(agentMemory.young, agent, "youngBytes"), isLine: true }),
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
  await warmUp(1, contenders);
  const costs = await interleave(rounds * 2, contenders);
  await Promise.all([large.end(), small.end()]);
  return updateRows(issuesIn(context), costs);
}

/** On the clock, for the disk is a part of it; and of processor time, in a row that says so. */
export function updateRows(
  issues: number,
  { large, small }: Readonly<Record<"large" | "small", readonly Cost[]>>,
): readonly Row[] {
  const row = (name: string, figure: keyof Cost): Row =>
    judge({
      name,
      durability: "disk",
      unit: "us",
      ours: large.map((cost) => cost[figure]),
      baseline: { name: "of one of a hundredth of them", values: small.map((cost) => cost[figure]) },
      goal: { compared: "ours / baseline", atMost: 1.3 },
    });
  const name = `durable update of one of ${issues} issues`;
  return [row(name, "wallUs"), row(`processor time of a ${name}`, "cpuUs")];
}

export const reading: Group = { name: "issues", measure: measureReading };
export const updating: Group = { name: "issue updates", measure: measureUpdates };
