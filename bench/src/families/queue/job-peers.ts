/** Jobs per second beside the queues that users would pick instead, each at the durability of its class. */
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import type { MeasuredContender } from "../../measure/comparison.ts";
import { durations } from "../../measure/durations.ts";
import { Failures, hasLost } from "../../measure/failures.ts";
import { whyMissing } from "../../measure/peers.ts";
import { startRedis, whyNoRedis } from "../../measure/redis-server.ts";
import { disturbance, interleave, type Disturbance } from "../../measure/rounds.ts";
import { judge, unmeasured, type Row } from "../../measure/row.ts";
import { median } from "../../measure/statistics.ts";
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

const absent: readonly Row[] = [
  unmeasured(
    "better-queue",
    "skipped",
    "a queue of one process that keeps its jobs in memory; what it stores them with is compiled at install",
  ),
];

const litequeNote =
  "without its transaction around a claim, whose function is asynchronous: better-sqlite3 refuses it";

interface Contender {
  readonly name: string;
  readonly way: string;
  readonly peer?: string;
  /** Whether its jobs are in a Redis, whose socket the way ends with. */
  readonly onRedis?: boolean;
  readonly note?: string;
}

/** Redis answers before the disk has it with `everysec`, and after with `always`. */
const fsyncOf = { os: "everysec", disk: "always" } as const;

function contendersOf(durability: "disk" | "os"): readonly Contender[] {
  const synchronous = durability === "disk" ? "FULL" : "NORMAL";
  const bullmq = { peer: "bullmq", onRedis: true };
  const redis = ` on Redis, AOF ${fsyncOf[durability]}`;
  return [
    { name: "Flockwork", way: "ours" },
    { name: `SQLite by node:sqlite, ${synchronous}`, way: "sqlite" },
    { name: `SQLite by better-sqlite3, ${synchronous}`, way: "better-sqlite3", peer: "better-sqlite3" },
    { name: `plainjob, ${synchronous}`, way: "plainjob", peer: "plainjob" },
    { name: `liteque, ${synchronous}`, way: "liteque", peer: "liteque", note: litequeNote },
    { ...bullmq, name: `bullmq by hand${redis}`, way: "bullmq" },
    { ...bullmq, name: `bullmq, its Worker, concurrency ${concurrency},${redis}`, way: "bullmq worker" },
  ];
}

const reasonOf = ({ peer, onRedis = false }: Contender): string | undefined =>
  (peer === undefined ? undefined : whyMissing(peer)) ?? (onRedis ? whyNoRedis() : undefined);

async function runOn(
  path: string,
  { way, onRedis = false }: Contender,
  plan: FleetPlan,
): Promise<FleetFigure> {
  if (!onRedis) return await runFleet(path, way, plan);
  const redis = await startRedis(path, fsyncOf[plan.durability]);
  try {
    return await runFleet(path, `${way}:${redis.socket}`, plan);
  } finally {
    await redis.stop();
  }
}

async function measureClass(context: BenchContext, { name, plan, goal }: Class): Promise<readonly Row[]> {
  const { durability } = plan;
  context.say(`${name}, ${durability}`);
  const all = contendersOf(durability);
  const skipped = all.flatMap((each) => {
    const reason = reasonOf(each);
    return reason === undefined ? [] : unmeasured(`${name}: ${each.name}`, "skipped", reason);
  });
  const { contenders, others } = await measureAll(
    context,
    plan,
    all.filter((each) => reasonOf(each) === undefined),
  );
  const metrics = [{ name: "throughput", unit: "ops/s", better: "more", drawn: true }] as const;
  context.show({ name, durability, metrics, contenders, disturbance: others });
  const valuesOf = ({ figures }: MeasuredContender): readonly number[] => figures["throughput"] ?? [];
  const [ours, ...rest] = contenders;
  const [best] = rest
    .filter(({ faults = [] }) => faults.length === 0)
    .toSorted((a, b) => median(valuesOf(b)) - median(valuesOf(a)));
  if (ours === undefined || best === undefined) return skipped;
  const row = judge({
    name: `${name}: throughput, beside the fastest peer`,
    durability,
    unit: "ops/s",
    ours: valuesOf(ours),
    baseline: { name: best.name, values: valuesOf(best) },
    goal: { compared: "ours / baseline", atLeast: goal },
    faults: ours.faults ?? [],
    disturbance: others,
  });
  return [row, ...skipped];
}

async function measureAll(
  context: BenchContext,
  plan: Class["plan"],
  contenders: readonly Contender[],
): Promise<{ readonly contenders: readonly MeasuredContender[]; readonly others: Disturbance }> {
  const { rounds, fleetSeconds: seconds } = durations(context);
  const failures = new Failures("ours");
  let run = 0;
  const runOf = (contender: Contender) => (): Promise<FleetFigure | undefined> => {
    const path = context.file(`peers-${plan.durability}-${(run += 1)}`);
    return failures.of(contender.way, () => runOn(path, contender, { ...plan, seconds }));
  };
  const figures = await interleave(
    context.quick ? 1 : rounds,
    Object.fromEntries(contenders.map((each) => [each.way, runOf(each)])),
    hasLost,
  );
  const measured = contenders.map(({ name, way, note }): MeasuredContender => {
    const ended = (figures[way] ?? []).filter((figure) => figure !== undefined);
    const lost = ended.reduce((sum, figure) => sum + Math.abs(figure.lost), 0);
    const faults = [...(lost > 0 ? [`${lost} jobs lost or done twice`] : []), ...failures.faultsOf(way)];
    return {
      name,
      note,
      faults,
      figures: { throughput: ended.map(({ perSecond }) => perSecond) },
    };
  });
  return { contenders: measured, others: figures[disturbance] };
}

async function measure(context: BenchContext): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const each of classes) rows.push(...(await measureClass(context, each)));
  return [...rows, ...absent];
}

export const jobPeers: Group = { name: "job peers", measure };
