/** Which rows a report has does not depend on the machine, nor on what breaks: one without figures is there without a verdict. */
import { describe, expect, test } from "vitest";
import { contendersOf } from "../src/families/document/document-peers.ts";
import { contendersOf as contendersOfLogs } from "../src/families/log/log-peers.ts";
import { updateRows } from "../src/families/document/documents.ts";
import { rowsOf as fleetPeerRows } from "../src/families/lock/fleet-peers.ts";
import { eightRows, sixteenRow } from "../src/families/lock/fleet.ts";
import { mixedRows } from "../src/families/lock/mixed-fleet.ts";
import { rowsOf as uncontendedRows } from "../src/families/lock/uncontended.ts";
import { idleRows } from "../src/families/lock/waiting-peers.ts";
import { callerRows, processesRow } from "../src/families/log/appends.ts";
import { fastestRow } from "../src/families/queue/job-peers.ts";
import { originalRows } from "../src/families/registry/registry.ts";
import { claimRows } from "../src/families/tasks/claims.ts";
import { aloneRows } from "../src/families/time/times.ts";
import { MissingHereError } from "../src/measure/baselines.ts";
import { aheadRows, type Measured, type MeasuredContender } from "../src/measure/comparison.ts";
import { Failures } from "../src/measure/failures.ts";
import type { FleetRun } from "../src/measure/fleet.ts";
import { disturbance, type Rounds } from "../src/measure/rounds.ts";
import type { Row } from "../src/measure/row.ts";

const figures = { operations: 9, opsPerSecond: 9, p50Ms: 1, p99Ms: 2, worstMs: 3, jain: 1, cpuUs: 4 };
const run: FleetRun = { groups: [figures, figures], lost: 0 };
const cost = { wallUs: 3, cpuUs: 2 };

interface Case {
  readonly contenders: readonly string[];
  readonly rows: (out: string | undefined, failures: Failures) => readonly Row[];
}

/** A group whose contenders each make runs, of which one is out. */
function group<Name extends string, Figure>(
  contenders: readonly Name[],
  figure: Figure,
  rowsOf: (runs: Rounds<Name, Figure>, failures: Failures) => readonly Row[],
): Case {
  const of = (out: string | undefined): Rounds<Name, Figure> => {
    const runs = {} as Record<Name, Figure[]>;
    for (const who of contenders) runs[who] = who === out ? [] : [figure, figure];
    return { ...runs, [disturbance]: { othersShare: null, repeated: 0 } };
  };
  return { contenders, rows: (out, failures) => rowsOf(of(out), failures) };
}

/** A table of contenders side by side, in which one is out. */
function table(
  kinds: Readonly<Record<string, MeasuredContender["kind"]>>,
  metrics: readonly string[],
  rowsOf: (measured: Measured) => readonly Row[],
): Case {
  const contenders = Object.keys(kinds);
  return {
    contenders,
    rows: (out, failures) =>
      rowsOf({
        name: "8 processes",
        durability: "none",
        metrics: metrics.map((name) => ({ name, unit: "us", better: "less", drawn: true })),
        contenders: contenders.map((name) => ({
          name,
          kind: kinds[name],
          faults: failures.faultsOf(name),
          missing: failures.missingOf(name),
          figures: Object.fromEntries(metrics.map((metric) => [metric, name === out ? [] : [2, 3]])),
        })),
      }),
  };
}

const kinds = { Flockwork: "peer", "proper-lockfile, 1 ms": "peer", "os-lock": "bare", C: "line" } as const;
const ofEight = [
  "Flockwork",
  "Flockwork, no addon (koffi)",
  "C flock",
  "Node on the addon's thread alone",
  "proper-lockfile, 1 ms",
  "proper-lockfile, 10 ms",
  "proper-lockfile, 100 ms",
] as const;
const updates = ["ours", "crowd", "sqlite", "betterSqlite", "raw", "writeFileAtomic", "stack"] as const;

const cases: Readonly<Record<string, Case>> = {
  uncontended: group(["c", "async", "sync", "reopen", "properLockfile"], cost, uncontendedRows),
  "8 processes": group(ofEight, run, eightRows),
  "16 processes": group(["Flockwork", "C flock"], run, (runs, failures) => [sixteenRow(runs, failures)]),
  "4 beside 4": group(["eager", "thinking", "eagerBare", "thinkingBare"], run, mixedRows),
  "peers: fleets": table(kinds, ["throughput", "worst wait", "p99 wait"], (measured) =>
    fleetPeerRows(measured, 8, 0),
  ),
  "peers: alone": table(kinds, ["latency"], (measured) => aheadRows(measured, "latency")),
  "peers: waiting": table(kinds, ["processor time"], idleRows),
  updates: group(updates, cost, updateRows),
  callers: group(["crowd", "alone", "sqlite"], cost, callerRows),
  processes: group(["ours", "locked", "bare"], { perSecond: 9, lost: 0 }, (runs, failures) => [
    processesRow(runs, failures),
  ]),
  original: group(["ours", "theirs"], { p50Us: 9 }, originalRows),
  "todo2-claims": group(["one", "many", "hand", "better"], cost, claimRows),
  "one process": group(["document", "bare", "raw"], { latenciesMs: [9], cpuMs: [3], ids: [] }, aloneRows),
  "job peers": table({ Flockwork: "peer", SQLite: "peer" }, ["throughput"], (measured) => [
    fastestRow(measured, 3),
  ]),
};

/** Who is the best of several may change; the row says which ones it is about. */
const nameOf = ({ name, durability, baselineName, goal }: Row): string =>
  [name, durability, / beside the /.test(name) ? "" : baselineName, goal].join(" | ");

async function failed(who: string, error: Error): Promise<Failures> {
  const failures = new Failures(() => {});
  await failures.of(who, () => {
    throw error;
  });
  return failures;
}

describe.each(Object.entries(cases))("the group %s", (_, { contenders, rows }) => {
  const whole = rows(undefined, new Failures(() => {}));

  test("has a verdict for each row where all of them run", () => {
    expect(whole.length).toBeGreaterThan(0);
    expect(whole.filter(({ verdict }) => verdict !== "met" && verdict !== "not met")).toEqual([]);
  });

  test.each(contenders)(
    "has the same rows where %s fails, and none of them is met without figures",
    async (who) => {
      const broken = rows(who, await failed(who, new Error("it broke")));
      expect(broken.map(nameOf)).toEqual(whole.map(nameOf));
      for (const row of broken)
        if (row.ours === null)
          expect(row).toMatchObject({ verdict: "not met", note: expect.stringContaining("it broke") });
        else if (row.ratio === null && !/^ours [≥≤]/.test(row.goal))
          expect(row).toMatchObject({ verdict: "undecided", undecided: expect.stringContaining("it broke") });
    },
  );

  test.each(contenders)(
    "has the same rows where this machine lacks %s, and skips those without figures",
    async (who) => {
      const lacking = rows(who, await failed(who, new MissingHereError("it is not here")));
      expect(lacking.map(nameOf)).toEqual(whole.map(nameOf));
      for (const row of lacking)
        if (row.ours === null || (row.ratio === null && !/^ours [≥≤]/.test(row.goal)))
          expect(row).toMatchObject({ verdict: "skipped", note: expect.stringContaining("it is not here") });
        else expect(["met", "not met"]).toContain(row.verdict);
    },
  );
});

describe("who is held against ours in documents", () => {
  const promisesAsMuch = (durability: "disk" | "os", processes: number): string[] =>
    contendersOf(durability, processes).flatMap(({ name, kind = "peer" }) => (kind === "peer" ? name : []));
  const promisesLess = (durability: "disk" | "os", processes: number): string[] =>
    contendersOf(durability, processes).flatMap(({ name, kind }) => (kind === "bare" ? name : []));

  test("promises as much only where it syncs what ours syncs", () => {
    expect(promisesAsMuch("disk", 1)).not.toContain("proper-lockfile + write-file-atomic");
    expect(promisesAsMuch("os", 1)).toContain("proper-lockfile + write-file-atomic");
    for (const processes of [1, 8])
      for (const { durability, kind = "peer" } of contendersOf("disk", processes))
        if (durability !== undefined) expect(kind).not.toBe("peer");
  });

  test("keeps a lock, where there are several processes", () => {
    expect(promisesLess("disk", 8)).toEqual(["proper-lockfile + write-file-atomic"]);
    expect(promisesLess("os", 8)).toEqual([]);
    expect(promisesLess("os", 1)).toEqual(["write-file-atomic", "atomically", "steno", "lowdb"]);
  });

  test("says that it syncs no directory only where ours does", () => {
    const notes = (durability: "disk" | "os"): string[] =>
      contendersOf(durability, 1).flatMap(({ note = "" }) => note);
    expect(notes("disk").filter((note) => note.includes("directory"))).toHaveLength(3);
    expect(notes("os").filter((note) => note.includes("directory"))).toEqual([]);
  });
});

describe("who is held against ours in logs", () => {
  const names = (kind: string, durability: "disk" | "os", processes: number): string[] =>
    contendersOfLogs(durability, processes).flatMap((each) => (each.kind === kind ? each.name : []));

  test("appends: who replaces the whole file for a line is nobody to be ahead of", () => {
    const replacing = ["write-file-atomic", "atomically", "steno"].map(
      (name) => `${name}, read and write all`,
    );
    for (const processes of [1, 8])
      for (const durability of ["disk", "os"] as const) {
        const sync = durability === "disk" ? " + fdatasync" : "";
        expect(names("bare", durability, processes)).toEqual([]);
        expect(names("line", durability, processes)).toEqual([
          ...replacing,
          `plain fs append${sync} (no lock)`,
        ]);
      }
  });
});
