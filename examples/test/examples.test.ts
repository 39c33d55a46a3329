import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import {
  environment,
  names,
  nodeArguments,
  races,
  run,
  runExample,
  useTemporaryFiles,
} from "./run-example.ts";

const directory = useTemporaryFiles();

// Those that race show Flockwork at work there, too. The migration walks through its phases here.
const alone = names.filter((name) => !races.includes(name) || name === "migration.ts");

test.each(alone)("%s proves its point, exits with 0 and leaves no files", async (name) => {
  const { stdout, stderr } = await runExample(directory(), name);
  expect(stdout).toContain("proof: ");
  expect(stderr).toBe("");
  expect(readdirSync(directory())).toEqual([]);
});

test("P1 P2 P4: the race loses updates with plain fs calls and none with Flockwork", async () => {
  const { stdout } = await runExample(directory(), "race.ts", "--processes", "4", "--seconds", "0.6");
  const row = (label: string): string[] => {
    const line = stdout.split("\n").find((text) => text.startsWith(label)) ?? "";
    return line
      .slice(label.length)
      .trim()
      .split(/\s{2,}/);
  };
  const [plain, os, disk] = row("LOST");
  expect(Number(plain?.replaceAll(" ", ""))).toBeGreaterThan(0);
  expect([os, disk]).toEqual(["0", "0"]);
  expect(row("torn lines in issues.jsonl").slice(1)).toEqual(["0", "0"]);
  expect(row("unreadable reads of state.json").slice(1)).toEqual(["0", "0"]);
  expect(row("  until the next one got in").slice(1)).toEqual([
    expect.stringMatching(/^\d+\.\d ms$/),
    expect.stringMatching(/^\d+\.\d ms$/),
  ]);
  expect(readdirSync(directory())).toEqual([]);
});

test("Ctrl-C ends the race's processes and removes its files", async () => {
  const race = spawn(process.execPath, nodeArguments("race.ts", ["--processes", "3", "--seconds", "60"]), {
    env: environment(directory()),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for await (const chunk of race.stdout) {
    output += String(chunk);
    if (output.includes("acknowledged")) break; // the processes are at work
  }
  const exit = once(race, "exit");
  race.kill("SIGINT");
  expect(await exit).toEqual([130, null]);
  expect(readdirSync(directory())).toEqual([]);
  const { stdout: processes } = await run("ps", ["-A", "-ww", "-o", "args="]);
  expect(processes).not.toContain(directory());
});

test("the race refuses what it cannot do, and says how to use it", async () => {
  for (const [option, value] of [
    ["--processes", "1"],
    ["--seconds", "a while"],
    ["--speed", "9"],
    ["--data", "/nowhere/issues.jsonl"],
  ] as const) {
    const failure = await runExample(directory(), "race.ts", option, value).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 2, stderr: expect.stringContaining("Usage: npm start") });
    expect(failure).toMatchObject({ stderr: expect.stringContaining(option) });
  }
});

test("an example refuses an option that it does not know", async () => {
  const failure = await runExample(directory(), "state-file.ts", "--rcae").catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 2, stderr: expect.stringContaining("--rcae") });
});
