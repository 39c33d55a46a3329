/**
 * T13: the addon's own soak: random waits, aborts, timeouts and releases with workers that are terminated meanwhile; no ghost lock,
 * no thread and no descriptor may be left over. Then locks, waiters and descriptors of core are used up. The long form adds the
 * sanitizers (Linux with gcc).
 */
import { equal } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { findCommand } from "../harness/commands.ts";
import { Program } from "../harness/program.ts";
import type { PartContext } from "../harness/part.ts";
import { exhaustion, exhaustionSizes } from "./exhaustion.ts";

const script = (name: string): string =>
  fileURLToPath(new URL(`../../../packages/flock/scripts/${name}.ts`, import.meta.url));

export async function soak(context: PartContext): Promise<void> {
  const { long, seed, tally, say } = context;
  const cycles = long ? 100_000 : 20_000;
  tally.count("cycles", 0);
  await tally.check(`${cycles} random cycles leave nothing behind`, async () => {
    let ended = 0;
    await run(["soak", String(cycles), String(seed)], (line) => {
      ended += endedIn(line);
      say(line);
    });
    tally.count("cycles", ended);
    equal(ended, cycles, "not every cycle came to an end");
  });
  await exhaustion(context, exhaustionSizes[long ? "long" : "short"]);
  const missing =
    process.platform === "linux" && findCommand("gcc") !== undefined ? undefined : "gcc on Linux";
  if (!long) return;
  if (missing !== undefined) return tally.skip("the addon under the sanitizers", `needs ${missing}`);
  await tally.check("the addon under AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer", () =>
    run(["sanitize"], say),
  );
}

/** How many cycles a line of its report says have ended, one way or another. */
function endedIn(line: string): number {
  const ends = line.matchAll(/(\d+) (?:granted|cancelled|timed out|busy)/g);
  return [...ends].reduce((sum, [, count]) => sum + Number(count), 0);
}

async function run([name = "", ...args]: readonly string[], say: (line: string) => void): Promise<void> {
  const program = new Program(process.execPath, [script(name), ...args], {
    onLine: say,
    cwd: fileURLToPath(new URL("../../../packages/flock", import.meta.url)),
  });
  await program.finish();
}
