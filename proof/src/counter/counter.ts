/** T9: nothing is lost between processes, threads, callers and copies (P1), and no reader sees a mix (P4). */
import { equal, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { bundled } from "../harness/bundled.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import type { Tally } from "../harness/tally.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { copyCore } from "./copy-packages.ts";

export interface CounterSizes {
  readonly processes: number;
  readonly increments: number;
  readonly updates: number;
  readonly replacements: number;
  /** How often the first case is repeated. */
  readonly repeats: number;
}

export const counterSizes: Readonly<Record<"test" | "short" | "long", CounterSizes>> = {
  test: { processes: 5, increments: 200, updates: 30, replacements: 25, repeats: 1 },
  short: { processes: 16, increments: 2_000, updates: 100, replacements: 400, repeats: 1 },
  long: { processes: 16, increments: 2_000, updates: 400, replacements: 2_000, repeats: 20 },
};

export async function counter({ long, tally, say }: PartContext): Promise<void> {
  const sizes = long ? counterSizes.long : counterSizes.short;
  tally.count("increments", 0);
  tally.count("torn", 0);
  const [first, ...others] = counterCases(sizes);
  const repeated = Array.from({ length: sizes.repeats }, () => first).filter((each) => each !== undefined);
  for (const [name, run] of [...repeated, ...others]) {
    say(name);
    await tally.check(name, () => withTemporaryDirectory((directory) => run(directory, tally)));
  }
}

type CounterCase = (directory: string, tally: Tally) => Promise<void>;

export function counterCases(sizes: CounterSizes): ReadonlyMap<string, CounterCase> {
  const { processes, increments, updates } = sizes;
  return new Map<string, CounterCase>([
    [
      `P1: ${processes} processes add ${increments} each under the exclusive lock`,
      (directory, tally) => addUp(directory, tally, processes, "async", increments),
    ],
    [
      "P1: processes that wait by blocking and by promises add up together",
      (directory, tally) => addUp(directory, tally, 6, "sync+async+awaiting", increments / 2),
    ],
    [
      `P1: ${processes} processes update one JSON document ${updates} times each`,
      (directory, tally) => addUp(directory, tally, processes, "update", updates),
    ],
    [
      "P1: holders of a proper-lockfile lease add up",
      (directory, tally) => addUp(directory, tally, 4, "lease", Math.ceil(increments / 20)),
    ],
    ["P1: 30 asynchronous and blocking callers in six worker threads add up", threads(increments / 10)],
    ["P1: two copies of the package in one process exclude each other", twoCopies(increments)],
    ["P4: readers without a lock see one content, never a mix, while eight writers replace", torn(sizes)],
  ]);
}

async function addUp(
  directory: string,
  tally: Tally,
  processes: number,
  how: string,
  times: number,
): Promise<void> {
  const path = join(directory, "counter.json");
  writeFileSync(path, how === "update" ? '{"count":0}\n' : "0");
  const file = await bundled(new URL("incrementer.ts", import.meta.url));
  const programs = Array.from({ length: processes }, () => Program.node(file, [how, path, String(times)]));
  await Program.finishAll(programs);
  const text = readFileSync(path, "utf8");
  const total = how === "update" ? (JSON.parse(text) as { count: number }).count : Number(text);
  tally.count("increments", total);
  equal(total, processes * times, "updates were lost or doubled");
}

function threads(times: number): CounterCase {
  const ways = ["async", "sync", "awaiting", "either", "either+async+awaiting", "sync"];
  const callers = 5;
  return async (directory, tally) => {
    const path = join(directory, "counter");
    writeFileSync(path, "0");
    const args = [path, String(times), String(callers), ...ways];
    await Program.node(new URL("threads.ts", import.meta.url), args).finish();
    tally.count("increments", ways.length * callers * times);
    equal(Number(readFileSync(path, "utf8")), ways.length * callers * times);
  };
}

function twoCopies(times: number): CounterCase {
  return async (directory, tally) => {
    const path = join(directory, "counter");
    writeFileSync(path, "0");
    const own = fileURLToPath(new URL("../../../packages/core/src/index.ts", import.meta.url));
    const program = new URL("two-copies.ts", import.meta.url);
    await Program.node(program, [own, copyCore(join(directory, "copy")), path, String(times)]).finish();
    tally.count("increments", 2 * times);
    equal(Number(readFileSync(path, "utf8")), 2 * times);
  };
}

function torn({ replacements }: CounterSizes): CounterCase {
  return async (directory, tally) => {
    const path = join(directory, "letters");
    writeFileSync(path, "a");
    const reader = await bundled(new URL("torn-reader.ts", import.meta.url));
    const writer = await bundled(new URL("replacer.ts", import.meta.url));
    const readers = [0, 1].map(() => Program.node(reader, [path]));
    const writers = Array.from({ length: 8 }, (_, number) =>
      Program.node(writer, [path, String(replacements), String(number)]),
    );
    await Program.finishAll(writers);
    for (const program of readers) {
      program.endInput();
      const seen = JSON.parse(await program.line()) as {
        readonly reads: number;
        readonly torn: number;
        readonly contents: number;
      };
      tally.count("reads", seen.reads);
      tally.count("torn", seen.torn);
      ok(seen.contents > 1, "it read while nobody wrote");
      equal(seen.torn, 0, `${seen.torn} of ${seen.reads} reads were torn`);
    }
  };
}
