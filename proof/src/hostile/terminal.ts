/** P11: what somebody else wrote is shown by the CLI, and never obeyed: its output has no control characters but line ends. */
import { execFile } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { deepEqual, match, ok } from "node:assert/strict";
import { commands } from "../../../packages/cli/src/commands/index.ts";
import { findCommand } from "../harness/commands.ts";
import { inParallel } from "../harness/in-parallel.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { onFastDisk } from "../states/states.ts";
import {
  evilName,
  forged,
  lockOfHeld,
  prepareEvil,
  terminalLines,
  type TerminalLine,
} from "./terminal-lines.ts";

/** A busy machine takes its time to start a program. */
const longestMs = 120_000;

const main = join(import.meta.dirname, "../../../packages/cli/src/main.ts");

/** C0 but for the line end, DEL, C1, and what turns the direction of text around. */
const obeyed = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/; // oxlint-disable-line no-control-regex -- they are what is looked for

/** What is wrong with what a terminal is shown. Undefined: nothing. */
export function obeyedIn(shown: string): string | undefined {
  const at = shown.search(obeyed);
  if (at !== -1) return `a raw control character: ${inAscii(shown.slice(Math.max(0, at - 40), at + 20))}`;
  return shown.split("\n").some((line) => line.startsWith(forged))
    ? "a line that somebody else wrote"
    : undefined;
}

/** For whoever reads of a failure on a terminal. */
function inAscii(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[^ -~]/g, "?");
}

/** The short form asks for JSON of every eighth line. */
export async function terminal(
  { tally, long, seed, say }: PartContext,
  chosen: readonly TerminalLine[] = terminalLines,
): Promise<void> {
  await tally.check("every command and every verb of the CLI is run on hostile stores", () =>
    deepEqual(verbsRun(), verbsThereAre()),
  );
  const inJson = chosen.map((line) => ({ ...line, args: withJson(line.args), saysNothing: true as const }));
  const runs = long ? [...chosen, ...inJson] : [...chosen, ...inJson.filter((_, at) => at % 8 === seed % 8)];
  await inParallel(2, runs, (line) => shows(tally, line));
  say("terminals");
}

async function shows(tally: PartContext["tally"], line: TerminalLine): Promise<void> {
  await onFastDisk(async (root) => {
    const directory = join(root, `d${evilName}`);
    await prepareEvil(directory);
    const holder = line.whileHeld === true ? await evilHolder(directory) : undefined;
    const what = `a terminal is shown, and obeys, nothing of others: flockwork ${inAscii(line.args)}`;
    if (line.whileHeld === true && holder === undefined) return tally.skip(what, "flock(1) is not installed");
    await tally.check(what, async () => {
      const shown = await flockwork(line.args, directory);
      const wrong = obeyedIn(shown);
      ok(wrong === undefined, wrong);
      if (line.saysNothing !== true)
        match(shown, /\\x1b|\\u001b|\\u202e/, `nothing of others came through: ${inAscii(shown)}`);
    });
    holder?.endInput();
    await holder?.exited;
    return undefined;
  });
}

/** A process that holds the lock, and is called as nobody should be. */
async function evilHolder(directory: string): Promise<Program | undefined> {
  const flock = findCommand("flock");
  if (flock === undefined) return undefined;
  const program = join(directory, `x${evilName.slice(0, 12)}`); // Linux keeps 15 bytes of it
  symlinkSync(flock, program);
  const holder = new Program(program, [join(directory, lockOfHeld), "cat"]);
  holder.tell("held");
  await holder.expect("held");
  return holder;
}

function flockwork(args: readonly string[], cwd: string): Promise<string> {
  const flags = ["--conditions=@flockwork/source", "--disable-warning=ExperimentalWarning"];
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [...flags, main, ...args],
      { cwd, timeout: longestMs },
      (error, out, errors) => {
        if (error !== null && typeof error.code !== "number")
          reject(new Error(`it did not end within ${longestMs} ms, or not by itself`));
        else resolve(`${out}\n${errors}`);
      },
    );
    child.stdin?.end();
  });
}

/** Before the words of another program, if there are any. */
function withJson(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  return end === -1 ? [...args, "--json"] : args.toSpliced(end, 0, "--json");
}

function verbsThereAre(): string[] {
  return [...commands.values()]
    .flatMap(({ name, verbs = [""] }) => verbs.map((verb) => `${name} ${verb}`.trim()))
    .toSorted();
}

function verbsRun(): string[] {
  const run = terminalLines.flatMap(({ args: [name = "", verb = ""] }) => {
    const verbs = commands.get(name)?.verbs;
    if (!commands.has(name)) return [];
    return verbs === undefined ? [name] : verbs.includes(verb) ? [`${name} ${verb}`] : [];
  });
  return [...new Set(run)].toSorted();
}
