/** `npm run proof -- <part> [--long] [--seed N] [--minutes N]`: runs one part of the proof, or all of them. */
import { parts, runPart } from "./run-part.ts";
import { Tally } from "./harness/tally.ts";

const usage = `usage: npm run proof -- <${[...parts.keys(), "all"].join(" | ")}> [--long] [--seed N] [--minutes N]`;

interface Request {
  readonly names: readonly string[];
  readonly long: boolean;
  readonly seed: number;
}

function readArguments(args: readonly string[]): Request | string {
  const names: string[] = [];
  let long = false;
  let seed = Date.now() % 1_000_000_000;
  for (let at = 0; at < args.length; at += 1) {
    const argument = args[at] ?? "";
    if (argument === "--long") long = true;
    else if (argument === "--seed") {
      seed = Number(args[(at += 1)]);
      if (!Number.isInteger(seed) || seed < 0) return "--seed takes a whole number of 0 or more";
    } else if (argument === "--minutes") {
      const minutes = Number(args[(at += 1)]);
      if (!(minutes > 0)) return "--minutes takes a number above 0";
      process.env["FLOCKWORK_PROOF_MINUTES"] = `${minutes}`; // for parts that end when their time is up
    } else if (argument === "all") names.push(...parts.keys());
    else if (parts.has(argument)) names.push(argument);
    else return `unknown part: ${argument}`;
  }
  return names.length === 0 ? "no part named" : { names, long, seed };
}

async function main(): Promise<number> {
  const request = readArguments(process.argv.slice(2));
  if (typeof request === "string") {
    console.error(`${request}\n${usage}`);
    return 2;
  }
  const { names, long, seed } = request;
  const total = new Tally();
  for (const name of names) {
    const tally = await runPart(name, { long, seed, say: (text) => console.log(`  ${text}`) });
    console.log(tally.line(name, seed));
    if (tally.passed === 0 && tally.failed === 0) tally.failed += 1; // nothing ran
    total.absorb(tally);
  }
  if (names.length > 1) console.log(total.line("all", seed));
  return total.ok ? 0 : 1;
}

process.exitCode = await main();
