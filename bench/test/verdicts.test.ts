import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { endLeftovers, LineProgram } from "../src/measure/line-program.ts";
import { taskOf, ticksOf } from "../src/measure/others.ts";
import { countLine } from "../src/measure/report.ts";
import { judge, unmeasured, type Measurement } from "../src/measure/row.ts";
import { whyUndecided, withhold } from "../src/measure/verdicts.ts";

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
    expect(withhold([judge(measured)], undefined)[0]?.verdict).toBe("met");
  });

  test("is withheld, with the reason, where others had the processors meanwhile", () => {
    const reason = whyUndecided({ ...idle, othersShare: 0.4 });
    expect(reason).toBe("others had 40 % of the processors' time meanwhile");
    expect(withhold([judge(measured)], reason)[0]).toMatchObject({ verdict: "undecided", undecided: reason });
  });

  test("is withheld in a quick run, and by the load where nothing better is known", () => {
    expect(whyUndecided({ ...idle, quick: true })).toContain("quick");
    expect(whyUndecided({ ...idle, othersShare: undefined })).toBe("the load was 12 on 2 cores");
    expect(whyUndecided({ ...idle, othersShare: undefined, loadBefore: 1 })).toBeUndefined();
  });

  test("stands, whatever the machine did, where an update was lost or a group broke; what was skipped stays skipped", () => {
    const rows = [
      judge({ ...measured, faults: ["1 updates lost"] }),
      unmeasured("a group", "not met", "it broke"),
      unmeasured("a peer", "skipped", "not on this machine"),
      judge(measured),
    ];
    const verdicts = withhold(rows, "busy").map(({ verdict }) => verdict);
    expect(verdicts).toEqual(["not met", "not met", "skipped", "undecided"]);
    expect(countLine(withhold(rows, "busy"))).toBe("0 met, 2 missed, 1 undecided, 1 skipped");
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
