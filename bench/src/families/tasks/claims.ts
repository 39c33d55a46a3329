/** Claims in exarp's database. */
import { mkdirSync } from "node:fs";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { nodeWorker, type LineProgram } from "../../measure/line-program.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { whyMissing } from "../../measure/peers.ts";
import { judge, unmeasured, type Row } from "../../measure/row.ts";
import { median } from "../../measure/statistics.ts";
import type { Cost } from "../../workers/line-server.ts";

/** Claims a second that exarp's documentation gives as its best. */
const published = 200;

async function measureClaims(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const start = (name: string, way: string, agents: number): Promise<LineProgram> => {
    const directory = context.file(name);
    mkdirSync(directory, { recursive: true });
    return nodeWorker("todo2-claims.ts", [directory, way, String(agents)]).ready();
  };
  const why = whyMissing("better-sqlite3");
  const [one, many, hand, better] = [
    await start("one", "ours", 1),
    await start("many", "ours", 20),
    await start("hand", "hand", 1),
    await start("better", why === undefined ? "better-sqlite3" : "hand", 1),
  ];
  const claims = String(Math.ceil(2_000 / shrink));
  const contenders = {
    one: () => one.ask<Cost>(claims),
    many: () => many.ask<Cost>(claims),
    hand: () => hand.ask<Cost>(claims),
    better: () => better.ask<Cost>(claims),
  };
  await warmUp(1, contenders);
  const costs = await interleave(rounds, contenders);
  await Promise.all([one, many, hand, better].map((program) => program.end()));
  const rate = (name: keyof typeof contenders): number[] => costs[name].map(({ wallUs }) => 1e6 / wallUs);
  const cpu = (name: keyof typeof contenders): number =>
    Math.round(median(costs[name].map(({ cpuUs }) => cpuUs)));
  const common = { durability: "os: WAL, synchronous=NORMAL", unit: "ops/s" } as const;
  const beside = (who: "one" | "many", name: string, hand: "hand" | "better", driver: string): Row =>
    judge({
      ...common,
      name,
      ours: rate(who),
      baseline: { name: `hand-written loop, ${driver}`, values: rate(hand) },
      goal: { compared: "ours / baseline", atLeast: 1 },
      note: `processor time ${cpu(who)} against ${cpu(hand)} us`,
    });
  const alone = "todo2: claims of one agent, one after the other";
  const together = "todo2: claims of 20 agents in one process";
  return [
    judge({
      ...common,
      name: alone,
      ours: rate("one"),
      goal: { compared: "ours", atLeast: 20 * published },
      note:
        `exarp publishes 100 to ${published}; processor time of a claim ${cpu("one")} us; ` +
        `the hand-written loop in the same rounds: ${Math.round(median(rate("hand")))} ops/s, ${cpu("hand")} us`,
    }),
    beside("one", alone, "hand", "node:sqlite"),
    beside("many", together, "hand", "node:sqlite"),
    ...(why === undefined
      ? [
          beside("one", alone, "better", "better-sqlite3"),
          beside("many", together, "better", "better-sqlite3"),
        ]
      : [unmeasured("todo2: claims beside a hand-written loop with better-sqlite3", "skipped", why)]),
  ];
}

export const todo2Claims: Group = { name: "todo2-claims", measure: measureClaims };
