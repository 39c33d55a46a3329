/** Claims in exarp's database. */
import { mkdirSync } from "node:fs";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures } from "../../measure/failures.ts";
import { figure } from "../../measure/figure.ts";
import { nodeWorker, type LineProgram } from "../../measure/line-program.ts";
import { requirePeers } from "../../measure/peers.ts";
import { startPrograms } from "../../measure/programs.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { median } from "../../measure/statistics.ts";
import type { Cost } from "../../workers/line-server.ts";

/** Claims a second that exarp's documentation gives as its best. */
const published = 200;

async function measureClaims(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const failures = new Failures(context.say);
  const start = (name: string, way: string, agents: number): LineProgram => {
    const directory = context.file(name);
    mkdirSync(directory, { recursive: true });
    return nodeWorker("todo2-claims.ts", [directory, way, String(agents)]);
  };
  const programs = await startPrograms(failures, {
    one: () => start("one", "ours", 1),
    many: () => start("many", "ours", 20),
    hand: () => start("hand", "hand", 1),
    better: () => {
      requirePeers("better-sqlite3");
      return start("better", "better-sqlite3", 1);
    },
  });
  const claims = String(Math.ceil(2_000 / shrink));
  const contenders = {
    one: programs.slice<Cost>("one", claims),
    many: programs.slice<Cost>("many", claims),
    hand: programs.slice<Cost>("hand", claims),
    better: programs.slice<Cost>("better", claims),
  };
  await warmUp(1, contenders);
  const costs = ended(await interleave(rounds, contenders));
  await programs.end();
  return claimRows(costs, failures);
}

type Contender = "one" | "many" | "hand" | "better";

export function claimRows(
  costs: Readonly<Record<Contender, readonly Cost[]>>,
  failures: Failures,
): readonly Row[] {
  const rate = (name: Contender): number[] => costs[name].map(({ wallUs }) => 1e6 / wallUs);
  const cpu = (name: Contender): string => figure(median(costs[name].map(({ cpuUs }) => cpuUs)));
  const common = { durability: "os: WAL, synchronous=NORMAL", unit: "ops/s" } as const;
  const beside = (who: "one" | "many", name: string, hand: "hand" | "better", driver: string): Row =>
    judge({
      ...common,
      name,
      ours: rate(who),
      baseline: { name: `hand-written loop, ${driver}`, values: rate(hand) },
      goal: { compared: "ours / baseline", atLeast: 1 },
      ...failures.between(who, hand),
      ...(costs[hand].length === 0 ? {} : { note: `processor time ${cpu(who)} against ${cpu(hand)} us` }),
    });
  const alone = "todo2: claims of one agent, one after the other";
  const together = "todo2: claims of 20 agents in one process";
  return [
    judge({
      ...common,
      name: alone,
      ours: rate("one"),
      goal: { compared: "ours", atLeast: 20 * published },
      ...failures.between("one"),
      note: `exarp publishes 100 to ${published}; processor time of a claim ${cpu("one")} us`,
    }),
    beside("one", alone, "hand", "node:sqlite"),
    beside("many", together, "hand", "node:sqlite"),
    beside("one", alone, "better", "better-sqlite3"),
    beside("many", together, "better", "better-sqlite3"),
  ];
}

export const todo2Claims: Group = { name: "todo2-claims", measure: measureClaims };
