/** T15: everything that reads what others wrote gets mutated files. A typed error, or success; never a crash, never a hang. */
import type { PartContext } from "../harness/part.ts";
import { processorMinutes } from "../harness/processor-minutes.ts";
import { Program } from "../harness/program.ts";
import { onFastDisk } from "../states/states.ts";
import { allTargets } from "./targets/all-targets.ts";

export interface FuzzPlan {
  /** Cases at most, of all targets together. */
  readonly cases: number;
  /** Time at most. */
  readonly minutes: number;
  readonly targets?: readonly string[];
  /** A case that has a processor for longer spins; one that waits is noticed by the process itself. */
  readonly watchdogMs?: number;
}

export async function fuzz(context: PartContext): Promise<void> {
  const { long, minutes = 30 } = context;
  await fuzzTargets(context, long ? { cases: Infinity, minutes } : { cases: 600, minutes: 1 });
}

/** A process that is not let run spins no less for it, but not for ever: so many times as long. */
const mostIdle = 15;
/** Cases of one process: what they leave in memory must not add up. */
const casesEach = 2_000;
/** What the long form is given at least, and the cases of each target that it must come to by then. */
const [nightMinutes, leastEach] = [30, 50];
interface Found {
  readonly signature: string;
  readonly text: string;
  readonly kept?: string;
}

export async function fuzzTargets({ tally, seed, say }: PartContext, plan: FuzzPlan): Promise<void> {
  const { cases, minutes, targets = allTargets.map(({ name }) => name), watchdogMs = 40_000 } = plan;
  for (const name of ["targets", "kept", "cases", "failures"]) tally.count(name, 0);
  tally.count("targets", targets.length);
  const until = performance.now() + minutes * 60_000;
  const seen = new Set<string>();
  await onFastDisk(async (scratch) => {
    let next = 0;
    while (next < cases && performance.now() < until) {
      const count = Math.min(casesEach, cases - next);
      const args = [
        seed,
        next,
        count,
        Math.ceil(until - performance.now()),
        JSON.stringify(targets),
        scratch,
      ].map(String);
      const ran = await runWorker(args, watchdogMs);
      const at = ran.at;
      for (const { target, found, case: which } of ran.failures) {
        tally.count("failures");
        const what = `${target}: ${found.signature}`;
        if (seen.has(what)) continue;
        seen.add(what);
        tally.fail(
          what,
          `seed ${seed}, case ${which}${found.kept === undefined ? "" : `, kept in ${found.kept}`}\n${found.text}`,
        );
      }
      tally.count("kept", ran.kept);
      tally.count("cases", ran.cases);
      tally.highest("values", ran.values);
      const played = ran.kept + ran.cases;
      tally.passed += played - Math.min(played, ran.failures.length);
      say(`${next + ran.cases} cases, ${tally.failed} failures`);
      if (ran.isDone) next += count;
      else if (typeof at === "number") next = at + 1; // past what it ended of
      else return;
      if (ran.isDone && ran.cases < count) return; // its time is up
    }
  });
  if (minutes < nightMinutes) return;
  await tally.check("T15: half an hour comes to some cases of each target", () => {
    const [made, least] = [tally.counted("cases"), leastEach * targets.length];
    if (made < least) throw new Error(`${made} cases of ${targets.length} targets`);
  });
}

interface Failing {
  readonly target: string;
  readonly case: number | string;
  readonly found: Found;
}

interface Ran {
  /** Cases of the corpus that were played. */
  readonly kept: number;
  /** New ones. */
  readonly cases: number;
  /** Replacements that there are of single values, in all targets. */
  readonly values: number;
  readonly failures: readonly Failing[];
  /** Whether it came to its end. */
  readonly isDone: boolean;
  readonly at: number | string | undefined;
}

/** Runs one process, and tells what it was at when it died, or hung. */
async function runWorker(args: readonly string[], watchdogMs: number): Promise<Ran> {
  const failures: Failing[] = [];
  let at: { readonly target: string; readonly case: number | string } | undefined;
  let [kept, cases, values] = [0, 0, 0];
  let isDone = false;
  let isHung = false;
  let watchdog: NodeJS.Timeout | undefined;
  const fail = (found: Found): void =>
    void failures.push({ target: at?.target ?? "?", case: at?.case ?? "?", found });
  const onLine = (line: string): void => {
    const space = line.indexOf(" ");
    const [kind, value] = [line.slice(0, space), JSON.parse(line.slice(space + 1)) as unknown];
    if (kind === "at") {
      at = value as typeof at;
      if (typeof at?.case === "number") cases += 1;
      else if (at?.case !== "prepare") kept += 1;
      watch();
    } else if (kind === "failed") fail(value as Found);
    else if (kind === "done") {
      isDone = true;
      ({ values } = value as { readonly values: number });
    }
  };
  const worker = Program.node(new URL("fuzz-worker.ts", import.meta.url), args, {
    onLine,
    nodeFlags: ["--max-old-space-size=768"],
    env: { FLOCKWORK_LOCK_TIMEOUT_MS: "50", GASTOWN_DISABLED: "" },
  });
  const watch = (): void => {
    clearTimeout(watchdog);
    const before = processorMinutes(worker.pid);
    const look = (): void => {
      const now = processorMinutes(worker.pid);
      const hadMs = before === undefined || now === undefined ? watchdogMs : (now - before) * 60_000;
      if (hadMs < watchdogMs * 0.9 && performance.now() < idleUntil)
        watchdog = setTimeout(look, watchdogMs / 4);
      else {
        isHung = true;
        worker.kill();
      }
    };
    const idleUntil = performance.now() + watchdogMs * mostIdle;
    watchdog = setTimeout(look, watchdogMs);
  };
  watch();
  const { code, signal, errors } = await worker.exited;
  clearTimeout(watchdog);
  const doing = at as { readonly target: string; readonly case: number | string } | undefined;
  const isTold = code === 1 && failures.at(-1)?.target === doing?.target;
  if (!isDone && !isTold) {
    const how = isHung
      ? `it span for ${watchdogMs} ms`
      : `it ended with ${code ?? signal}: ${errors.slice(-1_500)}`;
    fail({ signature: isHung ? "hang" : "crash", text: how });
  }
  return { kept, cases, values, failures, isDone, at: doing?.case };
}
