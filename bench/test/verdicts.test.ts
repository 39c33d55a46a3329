import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { endLeftovers, LineProgram } from "../src/measure/line-program.ts";
import { gateLine, passesGate } from "../src/measure/gate-line.ts";
import { isLongEnough, othersShareOf, taskOf, ticksOf, ticksOfTree } from "../src/measure/others.ts";
import { countLine } from "../src/measure/report.ts";
import { judge, unmeasured, type Measurement } from "../src/measure/row.ts";
import { decide, mostDisturbed, whyUndecided, withhold } from "../src/measure/verdicts.ts";

const measured: Measurement = {
  name: "a row",
  durability: "none",
  unit: "us",
  ours: [2],
  goal: { compared: "ours", atMost: 3 },
};
const idle = { quick: false, cores: 2, othersShare: 0.03, loadBefore: 12 };

describe("a verdict", () => {
  test("is given on a machine that others leave alone, whatever load the bench makes by itself", () => {
    expect(whyUndecided(idle)).toBeUndefined();
    expect(withhold(judge(measured), undefined).verdict).toBe("met");
  });

  test("is withheld, with the reason, where others had the processors meanwhile", () => {
    const reason = whyUndecided({ ...idle, othersShare: 0.4 });
    expect(reason).toBe("others had 40 % of the processors' time meanwhile");
    expect(withhold(judge(measured), reason)).toMatchObject({ verdict: "undecided", undecided: reason });
  });

  test("is withheld in a quick run, and by the load where nothing better is known", () => {
    expect(whyUndecided({ ...idle, quick: true })).toContain("quick");
    expect(whyUndecided({ ...idle, othersShare: null })).toBe("the load was 12 on 2 cores");
    expect(whyUndecided({ ...idle, othersShare: null, loadBefore: 1 })).toBeUndefined();
  });

  test("stands, whatever the machine did, where an update was lost or a group broke; what was skipped stays skipped", () => {
    const rows = [
      judge({ ...measured, faults: ["1 updates lost"] }),
      unmeasured("a group", "not met", "it broke"),
      unmeasured("a peer", "skipped", "not on this machine"),
      judge(measured),
    ];
    const busy = rows.map((row) => withhold(row, "busy"));
    expect(busy.map(({ verdict }) => verdict)).toEqual(["not met", "not met", "skipped", "undecided"]);
    expect(countLine(busy)).toBe("0 met, 2 missed, 1 undecided, 1 skipped");
  });
});

describe("the rounds that a row rests on", () => {
  const { othersShare: _, ...machine } = idle;
  const busy = { othersShare: 0.4, repeated: 5 };

  test("decide whether it gets a verdict, whatever others had of its group's other rounds", () => {
    const own = { othersShare: 0.02, repeated: 1 };
    const row = decide(judge({ ...measured, disturbance: own }), busy, machine);
    expect(row).toMatchObject({ verdict: "met", disturbance: own });
  });

  test("are those of its group that others had most of, where it does not tell", () => {
    const ofGroup = mostDisturbed([
      { othersShare: 0.02, repeated: 0 },
      busy,
      { othersShare: null, repeated: 0 },
    ]);
    expect(ofGroup).toEqual(busy);
    expect(decide(judge(measured), busy, machine)).toMatchObject({
      verdict: "undecided",
      undecided: "others had 40 % of the processors' time meanwhile",
      disturbance: busy,
    });
    expect(mostDisturbed([])).toBeUndefined();
  });
});

describe("the gate", () => {
  const skipped = judge({ ...measured, missing: "no cc on this machine" });
  const line = judge({ ...measured, isLine: true });

  test("passes what this machine cannot measure, and names it", () => {
    const beside = { ...measured, name: "another row", baseline: { name: "C", values: [] } };
    const rows = [
      judge(measured),
      line,
      skipped,
      judge({ ...beside, baselineMissing: "no cc", goal: { compared: "ours / baseline", atMost: 1 } }),
    ];
    expect(passesGate(rows)).toBe(true);
    expect(gateLine(rows)).toBe(
      "1 met, 0 missed, 0 undecided, 2 skipped; not looked at: a row; another row (beside C)",
    );
    expect(gateLine([judge(measured)])).toBe("1 met, 0 missed, 0 undecided, 0 skipped");
  });

  test("does not pass what is missed, nor what has no verdict", () => {
    expect(passesGate([judge({ ...measured, ours: [4] })])).toBe(false);
    expect(passesGate([withhold(judge(measured), "busy")])).toBe(false);
  });
});

describe("the share of others", () => {
  const machine = "cpu  100 10 50 800 20 3 7 30 5 0\ncpu0 1 2 3\n";

  test("counts what the machine ran and what its host kept, not what it waited for", () => {
    expect(ticksOf(machine)).toEqual({ all: 1020, busy: 190 });
  });

  test("knows a process by its numbers, whatever its name is", () => {
    for (const name of ["a", "a ) 9 9 (b"]) {
      const stat = `7 (${name}) S 2 1 1 0 -1 0 0 0 0 0 11 12 13 14 20`;
      expect(taskOf(stat)).toEqual({ parent: 2, ticks: 50 });
    }
  });

  test("leaves out programs that still run, and those that they started", () => {
    const tasks = new Map([
      [1, { parent: 0, ticks: 1_000 }],
      [7, { parent: 1, ticks: 100 }],
      [8, { parent: 1, ticks: 500 }],
      [9, { parent: 7, ticks: 20 }],
      [5, { parent: 9, ticks: 3 }], // numbers begin again
    ]);
    expect(ticksOfTree(tasks, 7)).toBe(123);
  });

  test("is that of all that was watched together, none rather than less, and nothing where it cannot be told", () => {
    expect(othersShareOf([{ others: 10, all: 20 }, undefined, { others: -5, all: 80 }])).toBeCloseTo(0.05);
    expect(othersShareOf([{ others: -1, all: 10 }])).toBe(0);
    expect(othersShareOf([undefined])).toBeUndefined();
    expect(othersShareOf([{ others: 0, all: 0 }])).toBeUndefined();
  });

  test("needs a quarter of a second, of all processors, to say something", () => {
    expect([24, 25].map((ticks) => isLongEnough({ others: 0, all: ticks * availableParallelism() }))).toEqual(
      [false, true],
    );
  });

  const burn = "const until = process.cpuUsage().user + 300000; while (process.cpuUsage().user < until);";
  const own = (): number => taskOf(readFileSync("/proc/self/stat", "utf8")).ticks;

  test.skipIf(process.platform !== "linux")("leaves out the programs that the bench itself started", () => {
    const before = own();
    spawnSync(process.execPath, ["-e", burn]);
    expect(own() - before).toBeGreaterThanOrEqual(25); // of the 30 ticks that it ran at least
  });

  test.skipIf(process.platform !== "linux")("leaves out those that a group left running", async () => {
    const before = own();
    const stays = `${burn} console.log("ready"); setInterval(() => {}, 60_000);`;
    await new LineProgram(process.execPath, ["-e", stays]).ready();
    await endLeftovers();
    expect(own() - before).toBeGreaterThanOrEqual(25);
  });
});
