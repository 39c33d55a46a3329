/** Apart from the other tests of the gate: it takes valgrind, and two minutes. The workflow that runs the gate runs it, too. */
import { describe, expect, test } from "vitest";
import { hasProgram } from "../src/measure/has-program.ts";
import { before, compare, inSyncLock, plant, root } from "./gate-checkouts.ts";

const args = ["--only", "lock, sync", "--measure", "instructions"];

const isWanted = process.env["FLOCKWORK_TEST_INSTRUCTIONS"] !== undefined && hasProgram("valgrind");

describe.runIf(isWanted)("instructions of a call", { timeout: 300_000 }, () => {
  test("a tenth more are red", () => {
    const slow = plant(inSyncLock, before("for (let at = 0; at < 100; at += 1) Math.sqrt(at);"));
    const { status, stdout } = compare(root, slow, ...args);
    expect(stdout).toMatch(/\| lock, sync \|.*SLOWER: instructions \|/);
    expect(status).toBe(1);
  });

  test("no change is green", () => {
    const { status, stdout } = compare(root, plant(inSyncLock, before("")), ...args);
    expect(stdout).toMatch(/1 no slower, 0 slower\n$/);
    expect(status).toBe(0);
  });
});
