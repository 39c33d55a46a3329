/**
 * `npm run proof`: every part, within an hour on two cores. `npm run proof -- <part>`: one part, in its short form or, with
 * `--long`, in the one that comes to the nightly figures.
 */
import { Tally } from "./harness/tally.ts";
import { endPartsWithThisProcess, runApart } from "./run-apart.ts";
import { runHour } from "./run-hour.ts";
import { parts, timedParts } from "./run-part.ts";

const usage = `usage: npm run proof -- [--minutes N] [--seed N]             every part, within so long (60)
       npm run proof -- <part | all> [--minutes N] [--seed N]  once, or again and again for so long
       npm run proof -- <part | all> --long [--seed N]         in its long form
       npm run proof -- <${[...timedParts].join(" | ")}> --long --minutes N      which goes on for so long
parts: ${[...parts.keys()].join(" ")}`;

interface Request {
  readonly names: readonly string[];
  readonly long: boolean;
  readonly minutes?: number;
  readonly seed: number;
}

function readArguments(args: readonly string[]): Request | string {
  const names: string[] = [];
  let long = false;
  let minutes: number | undefined;
  let seed = Date.now() % 1_000_000_000;
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? "";
    if (argument === "--long") long = true;
    else if (argument === "--seed") {
      seed = Number(args[(at += 1)] || NaN);
      if (!Number.isInteger(seed) || seed < 0) return "--seed takes a whole number of 0 or more";
    } else if (argument === "--minutes") {
      minutes = Number(args[(at += 1)]);
      if (!(minutes > 0)) return "--minutes takes a number above 0";
    } else if (argument === "all") names.push(...parts.keys());
    else if (parts.has(argument)) names.push(argument);
    else return `unknown part: ${argument}`;
  }
  if (long && names.length === 0) return "--long takes a part, or all";
  const untimed = names.find((name) => !timedParts.has(name));
  if (long && minutes !== undefined && untimed !== undefined)
    return `the long form of ${untimed} ends by itself: --minutes is not for it`;
  return { names, long, ...(minutes !== undefined && { minutes }), seed };
}

async function main(): Promise<number> {
  const request = readArguments(process.argv.slice(2));
  if (typeof request === "string") {
    console.error(`${request}\n${usage}`);
    return 2;
  }
  const { names, seed, minutes = 60 } = request;
  const total =
    names.length > 0 ? await runNamed(request) : await runHour({ minutes, seed, print: console.log });
  if (names.length !== 1) console.log(total.line("all", seed));
  return total.ok ? 0 : 1;
}

async function runNamed({ names, ...options }: Request): Promise<Tally> {
  const total = new Tally();
  for (const name of names) {
    const { tally, line } = await runApart({ name, ...options, say: (text) => console.log(`  ${text}`) });
    console.log(line);
    total.absorb(tally);
  }
  return total;
}

endPartsWithThisProcess();
process.exitCode = await main();
