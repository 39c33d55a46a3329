/** The longest line that an issue may have: whether it goes in and comes out again, and what each part of it costs. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { interleave, warmUp } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";

interface Answer {
  readonly cpuUs: number;
  /** The code of the error; what was read back differs; or nothing wrong. */
  readonly fault: string | null;
}

const mebibyte = 2 ** 20;
const mostBytes = 16 * mebibyte;

async function measureLines(context: BenchContext): Promise<readonly Row[]> {
  const { rounds } = durations(context);
  const directory = join(context.file("long-lines"), ".beads");
  mkdirSync(directory, { recursive: true });
  const program = await nodeWorker("../families/beads/worker.ts", ["line", directory]).ready();
  const ask = (bytes: number) => () => program.ask<Answer>(String(bytes));
  const contenders = { longest: ask(mostBytes), short: ask(mebibyte) };
  await warmUp(1, contenders);
  const { longest, short } = await interleave(rounds, contenders, ({ fault }) => fault !== null);
  const beyond = await ask(mostBytes + 1)();
  await program.end();
  const faults = [...new Set([...longest, ...short].flatMap(({ fault }) => fault ?? []))];
  return [
    judge({
      name: "an issue whose line has 16 MiB, appended and read by another, for each MiB",
      durability: "os",
      unit: "ms",
      ours: longest.map(({ cpuUs }) => cpuUs / 1_000 / (mostBytes / mebibyte)),
      baseline: { name: "of a line of 1 MiB", values: short.map(({ cpuUs }) => cpuUs / 1_000) },
      goal: { compared: "ours / baseline", atMost: 1.3 },
      faults: [
        ...faults,
        ...(beyond.fault === "ERR_TOO_LARGE" ? [] : [`one byte more: ${beyond.fault ?? "taken"}`]),
      ],
      note: "processor time; one byte more is refused",
    }),
  ];
}

export const longLines: Group = { name: "long lines", measure: measureLines };
