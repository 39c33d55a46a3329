/**
 * P10: the same fixed bytes to everything that reads files, of every package: a whole file of them, and a line of them in the middle
 * of a log. Each call ends well, or in a typed error with every file as it was.
 */
import type { PartContext } from "../harness/part.ts";
import { mutable, prepared, runCase, type Files } from "../fuzz/fuzz-case.ts";
import type { Target } from "../fuzz/target.ts";
import { allTargets } from "../fuzz/targets/all-targets.ts";
import { onFastDisk } from "../states/states.ts";
import { keptDocuments, refusedDocuments, refusedLines, type HostileContent } from "./hostile-content.ts";

const contents: readonly HostileContent[] = [...refusedDocuments, ...keptDocuments, ...refusedLines];

/** Of each target, in the short form: others with each seed. */
const fewest = 3;

interface Case {
  readonly name: string;
  readonly path: string;
  readonly bytes: Buffer;
}

export async function domainContent(
  { tally, long, seed, say }: PartContext,
  targets: readonly Target[] = allTargets,
): Promise<void> {
  for (const [at, target] of targets.entries()) {
    await onFastDisk(async (scratch) => {
      const files = await prepared(target, scratch);
      const cases = casesOf(files, mutable(target, files));
      const step = long ? 1 : Math.ceil(cases.length / fewest);
      const chosen = cases.filter((_, index) => index % step === (seed + at) % step);
      for (const { name, path, bytes } of chosen) {
        await tally.check(`${target.name}: ${path} is ${name}`, async () => {
          const failure = await runCase(
            target,
            { files: new Map(files).set(path, bytes), mutated: path },
            scratch,
          );
          if (failure !== undefined) throw new Error(failure.text);
        });
      }
    });
  }
  say("hostile content for every package");
}

function casesOf(files: Files, paths: readonly string[]): Case[] {
  return paths.flatMap((path) => {
    const whole = contents.map(({ name, bytes }) => ({ name, path, bytes: Buffer.from(bytes) }));
    const sound = files.get(path) ?? Buffer.alloc(0);
    const end = sound.indexOf(0x0a) + 1;
    if (!path.endsWith(".jsonl") || end === 0) return whole;
    const inTheMiddle = refusedLines.map(({ name, bytes }) => ({
      name: `damaged after its first line: ${name}`,
      path,
      bytes: Buffer.concat([sound.subarray(0, end), bytes, Buffer.from("\n"), sound.subarray(end)]),
    }));
    return [...whole, ...inTheMiddle];
  });
}
