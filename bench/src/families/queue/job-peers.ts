/** Jobs per second beside the queues that users would pick instead, each at the durability of its class. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { besideBest, type Measured, type MeasuredContender } from "../../measure/comparison.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures, hasLost } from "../../measure/failures.ts";
import { requirePeers } from "../../measure/peers.ts";
import { startRedis } from "../../measure/redis-server.ts";
import { disturbance, interleave } from "../../measure/rounds.ts";
import type { Row } from "../../measure/row.ts";
import { concurrency } from "../../workers/queue-bullmq-worker.ts";
import { runFleet, type FleetFigure, type FleetPlan } from "./queues.ts";

interface Class {
  readonly name: string;
  readonly plan: Omit<FleetPlan, "seconds">;
  /** Times the fastest of the others. */
  readonly goal: number;
}

const classes: readonly Class[] = [
  {
    name: "jobs, 4 processes of 64 callers",
    plan: { processes: 4, callers: 64, durability: "os" },
    goal: 1.5,
  },
  {
    name: "jobs, 64 callers of one process",
    plan: { processes: 1, callers: 64, durability: "disk" },
    goal: 3,
  },
];

const absent: MeasuredContender = {
  name: "better-queue",
  kind: "line",
  missing:
    "a queue of one process that keeps its jobs in memory; what it stores them with is compiled at install",
  figures: {},
};

const litequeNote =
  "without its transaction around a claim, whose function is asynchronous: better-sqlite3 refuses it";

interface Contender {
  readonly name: string;
  readonly way: string;
  readonly peers?: readonly string[];
  /** Whether its jobs are in a Redis, whose socket the way ends with. */
  readonly onRedis?: boolean;
  readonly note?: string;
}

/** Redis answers before the disk has it with `everysec`, and after with `always`. */
const fsyncOf = { os: "everysec", disk: "always" } as const;

function contendersOf(durability: "disk" | "os"): readonly Contender[] {
  const synchronous = durability === "disk" ? "FULL" : "NORMAL";
  const bullmq = { peers: ["bullmq", "ioredis"], onRedis: true };
  const redis = ` on Redis, AOF ${fsyncOf[durability]}`;
  return [
    { name: "Flockwork", way: "ours" },
    { name: `SQLite by node:sqlite, ${synchronous}`, way: "sqlite" },
    { name: `SQLite by better-sqlite3, ${synchronous}`, way: "better-sqlite3", peers: ["better-sqlite3"] },
    { name: `plainjob, ${synchronous}`, way: "plainjob", peers: ["plainjob"] },
    { name: `liteque, ${synchronous}`, way: "liteque", peers: ["liteque"], note: litequeNote },
    { ...bullmq, name: `bullmq by hand${redis}`, way: "bullmq" },
    { ...bullmq, name: `bullmq, its Worker, concurrency ${concurrency},${redis}`, way: "bullmq worker" },
  ];
}

async function runOn(
  path: string,
  { way, peers = [], onRedis = false }: Contender,
  plan: FleetPlan,
): Promise<FleetFigure> {
  requirePeers(...peers);
  if (!onRedis) return await runFleet(path, way, plan);
  const redis = await startRedis(path, fsyncOf[plan.durability]);
  try {
    return await runFleet(path, `${way}:${redis.socket}`, plan);
  } finally {
    await redis.stop();
  }
}

async function measureClass(context: BenchContext, { name, plan, goal }: Class): Promise<Row> {
  const { durability } = plan;
  context.say(`${name}, ${durability}`);
  const measured: Measured = {
    name,
    durability,
    metrics: [{ name: "throughput", unit: "ops/s", better: "more", drawn: true }],
    ...(await measureAll(context, plan)),
  };
  context.show(measured);
  return fastestRow(measured, goal);
}

/** @param atLeast - Times the fastest of the others. */
export function fastestRow(measured: Measured, atLeast: number): Row {
  return besideBest(measured, "throughput", "peer", {
    name: `${measured.name}: throughput, beside the fastest peer`,
    goal: { compared: "ours / baseline", atLeast },
  });
}

async function measureAll(
  context: BenchContext,
  plan: Class["plan"],
): Promise<Pick<Measured, "contenders" | "disturbance">> {
  const { rounds, fleetSeconds: seconds } = durations(context);
  const contenders = contendersOf(plan.durability);
  const failures = new Failures(context.say);
  let run = 0;
  const runOf = (contender: Contender): Promise<FleetFigure> =>
    runOn(context.file(`peers-${plan.durability}-${(run += 1)}`), contender, { ...plan, seconds });
  const fleets = Object.fromEntries(contenders.map((each) => [each.name, () => runOf(each)]));
  const runs = ended(await interleave(context.quick ? 1 : rounds, failures.guard(fleets), hasLost));
  const measured = contenders.map(({ name, note }): MeasuredContender => {
    const figures = runs[name] ?? [];
    const lost = figures.reduce((sum, figure) => sum + Math.abs(figure.lost), 0);
    return {
      name,
      note,
      faults: [...(lost > 0 ? [`${lost} jobs lost or done twice`] : []), ...failures.faultsOf(name)],
      missing: failures.missingOf(name),
      figures: { throughput: figures.map(({ perSecond }) => perSecond) },
    };
  });
  return { contenders: [...measured, absent], disturbance: runs[disturbance] };
}

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const each of classes) rows.push(await measureClass(context, each));
  return rows;
}

export const jobPeers: Group = { name: "job peers", measure };
