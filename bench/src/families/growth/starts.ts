/** What a package costs before it does anything: importing it. */
import { execFileSync } from "node:child_process";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { aheadRows, type Measured, type MeasuredContender } from "../../measure/comparison.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures } from "../../measure/failures.ts";
import { requirePeers } from "../../measure/peers.ts";
import { interleave } from "../../measure/rounds.ts";
import type { Row } from "../../measure/row.ts";
import { bench, ours, peers, requireBuild } from "./packages.ts";

interface Start {
  readonly ms: number;
  readonly cpuMs: number;
  readonly rssMB: number;
}

const subject = "start of a program that imports";

/** Starts Node, imports, and says what it took. Built files: types are stripped once, by whoever publishes. */
function startWith(name: string): Start {
  const program =
    (name === "" ? "" : `await import(${JSON.stringify(name)});`) +
    `const { user, system } = process.cpuUsage(); console.log(JSON.stringify({ cpuMs: (user + system) / 1000, rssMB: process.memoryUsage.rss() / 1e6 }));`;
  const since = performance.now();
  const text = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: bench,
    encoding: "utf8",
    timeout: 30_000,
  });
  return { ms: performance.now() - since, ...(JSON.parse(text) as { cpuMs: number; rssMB: number }) };
}

async function measureStarts(context: BenchContext): Promise<readonly Row[]> {
  requireBuild();
  const { rounds } = durations(context);
  const failures = new Failures(context.say);
  const names = ["", ...ours, ...peers];
  const start = (name: string) => (): Start => {
    if (peers.includes(name)) requirePeers(name);
    return startWith(name);
  };
  const starting = Object.fromEntries(names.map((name) => [name, start(name)]));
  const runs = ended(await interleave(rounds * 2, failures.guard(starting)));
  const contenderOf = (name: string): MeasuredContender => {
    const all = runs[name] ?? [];
    return {
      name: name === "" ? "Node alone" : name,
      kind: name === "" ? "line" : ours.includes(name) ? "ours" : "peer",
      faults: failures.faultsOf(name),
      missing: failures.missingOf(name),
      figures: {
        "processor time": all.map(({ cpuMs }) => cpuMs),
        "time to start": all.map(({ ms }) => ms),
        memory: all.map(({ rssMB }) => rssMB),
      },
    };
  };
  const measured: Measured = {
    name: subject,
    durability: "none",
    metrics: [
      { name: "processor time", unit: "ms", better: "less", drawn: true },
      { name: "memory", unit: "MB", better: "less", drawn: true },
      { name: "time to start", unit: "ms", better: "less", drawn: false },
    ],
    contenders: [
      contenderOf("@flockwork/core"),
      ...names.filter((name) => name !== "@flockwork/core").map(contenderOf),
    ],
  };
  context.show(measured);
  return aheadRows(measured, "processor time");
}

export const starts: Group = { name: "imports", measure: measureStarts };
