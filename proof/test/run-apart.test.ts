/** How parts are run: within their time, and with nothing left of them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { Tally } from "../src/harness/tally.ts";
import { runApart } from "../src/run-apart.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const say = (): void => {};

test("a part in a process of its own tells what it found, with its seed", async () => {
  const { tally, line } = await runApart({ name: "data", long: false, seed: 7, say });
  expect(tally.failures).toEqual([]);
  expect(tally.passed + tally.skipped).toBeGreaterThan(0);
  expect(line).toMatch(
    /^data: .*seed=7 \d+ passed, 0 failed, \d+ skipped \(once, [\d.]+ min(, [\d.]+ of a processor)?\)$/,
  );
});

test("a part of which nothing can run is not begun again for as long as its time is", async () => {
  vi.stubEnv("FLOCKWORK_PROOF_OPERATIONS", "of no such name");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { line } = await runApart({ name: "faults", long: false, minutes: 600, seed: 7, say });
  expect(line).toMatch(/0 passed, 1 failed, 0 skipped \(once/);
});

test("a part that is not over in time has failed, and is gone", async () => {
  const deadline = performance.now();
  const { tally } = await runApart({ name: "soak", long: false, seed: 7, deadline, say });
  expect(tally.failures).toEqual(["soak (seed 7): was not over in time, and was ended"]);
});

test.skipIf(process.platform !== "linux")("a signal ends what runs, with all it started", async () => {
  const flags = ["--conditions=@flockwork/source", "--disable-warning=ExperimentalWarning"];
  const proof = spawn(process.execPath, [...flags, main, "storm"], { stdio: "ignore" });
  const pid = proof.pid ?? 0;
  const group = await someChildOf(pid);
  await someChildOf(group); // its first worker
  proof.kill("SIGTERM");
  expect(await once(proof, "exit")).toEqual([143, null]);
  while (isAnyAlive(group)) await turn();
});

test("a failure names the seed that repeats it", () => {
  const said: string[] = [];
  const tally = new Tally((text) => said.push(text), "seed 7");
  tally.fail("a promise", "it was not kept");
  expect(said).toEqual(["FAILED  a promise (seed 7)\n        it was not kept"]);
  expect(Tally.from(tally.record).line("part", 7)).toBe(tally.line("part", 7));
});

async function someChildOf(pid: number): Promise<number> {
  for (;;) {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    if (child !== undefined && child !== "") return Number(child);
    await turn();
  }
}

function isAnyAlive(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}
