import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { audit, lostIn, type Audit } from "../race/audit.ts";
import { makeIssue, makeIssueLog } from "../race/issues.ts";
import { Ledger } from "../race/ledger.ts";
import type { Acknowledgement, Report, Target } from "../race/messages.ts";
import type { Outcome } from "../race/run.ts";
import { applyUpdate, makeState } from "../race/state.ts";
import { verdict } from "../race/verdict.ts";

const originalLog = makeIssueLog(3);
let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "flockwork-audit-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function acknowledged(target: Target, ...sequences: number[]): Report {
  const acknowledgements = sequences.map((sequence): Acknowledgement => ({
    target,
    sequence,
    durationMs: sequence,
    enteredAtMs: sequence,
  }));
  return {
    type: "progress",
    attempted: sequences.length,
    acknowledgements,
    reads: 0,
    unreadableReads: 0,
    failures: [],
  };
}

/** Two updates of each file, acknowledged; the files hold what the caller says. */
function auditFiles(files: { state: string; log: string }): Audit {
  const ledger = new Ledger();
  ledger.add(0, acknowledged("state", 1, 3));
  ledger.add(0, acknowledged("log", 2, 4));
  const [statePath, logPath] = [join(directory, "state.json"), join(directory, "issues.jsonl")];
  writeFileSync(statePath, files.state);
  writeFileSync(logPath, files.log);
  return audit(ledger, statePath, logPath, originalLog);
}

function stateAfter(...sequences: number[]): string {
  const state = makeState(1, ["fw-1"]);
  for (const sequence of sequences) applyUpdate(state, 0, sequence);
  return JSON.stringify(state);
}

function logAfter(...sequences: number[]): string {
  return originalLog + sequences.map((at) => `${JSON.stringify(makeIssue(`race-0-${at}`, at))}\n`).join("");
}

test("files that hold every acknowledged update have lost nothing", () => {
  const found = auditFiles({ state: stateAfter(1, 3), log: logAfter(2, 4) });
  expect(found).toEqual({
    lostUpdates: 0,
    lostAppends: 0,
    lostOriginals: 0,
    tornLines: 0,
    stateReadable: true,
  });
  expect(lostIn(found)).toBe(0);
});

test("an update that another one overwrote is counted as lost", () => {
  expect(auditFiles({ state: stateAfter(3), log: logAfter(2, 4) }).lostUpdates).toBe(1);
});

test("a state file that cannot be read has lost every update", () => {
  const found = auditFiles({ state: stateAfter(1, 3).slice(0, -1), log: logAfter(2, 4) });
  expect(found).toMatchObject({ lostUpdates: 2, stateReadable: false });
});

test("an acknowledged record that is in no line is counted, and so is one in a torn line", () => {
  expect(auditFiles({ state: stateAfter(1, 3), log: logAfter(4) }).lostAppends).toBe(1);
  const torn = auditFiles({ state: stateAfter(1, 3), log: logAfter(4, 2).slice(0, -10) });
  expect(torn).toMatchObject({ lostAppends: 1, tornLines: 1 });
});

test("an issue that was there before and has changed or gone is counted", () => {
  const found = auditFiles({ state: stateAfter(1, 3), log: logAfter(2, 4).replace("fw-2", "fw-9") });
  expect(found).toMatchObject({ lostOriginals: 1, tornLines: 0 });
});

test("the first to get in after a kill is found, whoever reports first", () => {
  const ledger = new Ledger();
  ledger.add(0, acknowledged("state", 10));
  ledger.noteKill(20);
  ledger.add(0, acknowledged("state", 15, 40));
  ledger.add(1, acknowledged("state", 25));
  expect(ledger.handOverMs).toBe(5);
});

test("the verdict fails when Flockwork lost something, and when the plain run lost nothing", () => {
  const whole = { lostUpdates: 0, lostAppends: 0, lostOriginals: 0, tornLines: 0, stateReadable: true };
  const outcome = (changes: Partial<Audit>, report = acknowledged("state", 1)): Outcome => {
    const ledger = new Ledger();
    ledger.add(0, report);
    return { way: "flockwork-disk", ledger, audit: { ...whole, ...changes }, elapsedMs: 1 };
  };
  const plain = outcome({ lostUpdates: 5 });
  expect(verdict(plain, [outcome({})]).exitCode).toBe(0);
  expect(verdict(outcome({}), [outcome({})]).exitCode).toBe(1);
  for (const fault of [
    { lostUpdates: 1 },
    { lostAppends: 1 },
    { lostOriginals: 1 },
    { tornLines: 1 },
    { stateReadable: false },
  ])
    expect(verdict(plain, [outcome({}), outcome(fault)]).exitCode).toBe(1);
  expect(verdict(plain, [outcome({}, acknowledged("state"))]).exitCode).toBe(1);
  expect(verdict(plain, [outcome({}, { ...acknowledged("state", 1), failures: ["refused"] })]).exitCode).toBe(
    1,
  );
  expect(verdict(plain, [outcome({}, { ...acknowledged("state", 1), unreadableReads: 1 })]).exitCode).toBe(1);
});
