/** Runs parts in processes of their own, so that one that hangs can be ended with all it started, and none outlives this one. */
import { type ChildProcess, fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { Tally, type TallyRecord } from "./harness/tally.ts";

export interface PartRequest {
  readonly name: string;
  readonly long: boolean;
  /** How long a short form is repeated, and a long one that does not end by itself goes on. */
  readonly minutes?: number | undefined;
  readonly seed: number;
}

/** What the process of a part tells. */
export type PartMessage =
  | { readonly said: string }
  | {
      readonly tally: TallyRecord;
      readonly rounds: number;
      readonly minutes: number;
      /** What it took of the processors, in minutes, with all that it started; undefined where the kernel does not tell. */
      readonly processorMinutes: number | undefined;
    };

export interface ApartOptions extends PartRequest {
  /** When it has to be over, by `performance.now()`; what is not is ended, and has failed. */
  readonly deadline?: number;
  /** How much of the processors it leaves to others that want them, as with nice(1). Default 0; less than that where this may be had. */
  readonly nice?: number;
  readonly say: (text: string) => void;
}

/** What came of a part. */
export interface PartOutcome {
  readonly tally: Tally;
  /** As it is printed: its counts and its seed, how often it ran, and how long. */
  readonly line: string;
}

const groups = new Set<number>();

/** Runs a part. One that ends without a word, or is not over in time, is a failure. */
export async function runApart(options: ApartOptions): Promise<PartOutcome> {
  const { name, long, minutes, seed, deadline, nice = 0, say } = options;
  const request: PartRequest = { name, long, minutes, seed };
  const program = fileURLToPath(new URL("part-process.ts", import.meta.url));
  const child = fork(program, [JSON.stringify(request)], { detached: true, serialization: "advanced" });
  const { pid } = child;
  if (pid !== undefined) groups.add(pid);
  if (pid !== undefined && nice !== 0) setNice(pid, nice);
  let isLate = false;
  const untilDeadline = deadline === undefined ? undefined : Math.max(0, deadline - performance.now());
  const timer =
    untilDeadline === undefined
      ? undefined
      : setTimeout(() => {
          isLate = true;
          endGroup(pid);
        }, untilDeadline);
  try {
    const { told, ending } = await listen(child, say);
    if (told !== undefined) {
      const tally = Tally.from(told.tally);
      const rounds = told.rounds === 1 ? "once" : `${told.rounds} rounds`;
      const { minutes: took, processorMinutes: busy } = told;
      const time = `${took.toFixed(1)} min${busy === undefined ? "" : `, ${busy.toFixed(1)} of a processor`}`;
      return { tally, line: `${tally.line(name, seed)} (${rounds}, ${time})` };
    }
    const tally = new Tally(say, `seed ${seed}`);
    tally.fail(
      name,
      isLate ? "was not over in time, and was ended" : `ended with ${ending}, and told nothing`,
    );
    return { tally, line: tally.line(name, seed) };
  } finally {
    clearTimeout(timer);
    endGroup(pid); // what it left behind
    if (pid !== undefined) groups.delete(pid);
  }
}

/** Where the kernel shares the processors among sessions first (`sched_autogroup_enabled`), it goes by that of the session. */
function setNice(pid: number, nice: number): void {
  try {
    setPriority(pid, nice);
    writeFileSync(`/proc/${pid}/autogroup`, `${nice}`);
  } catch {
    // It shares them among processes alone, or only root may have more.
  }
}

interface Heard {
  readonly told: Extract<PartMessage, { tally: unknown }> | undefined;
  readonly ending: string;
}

function listen(child: ChildProcess, say: (text: string) => void): Promise<Heard> {
  return new Promise((resolve, reject) => {
    let told: Heard["told"];
    child.on("message", (message: PartMessage) => {
      if ("said" in message) say(message.said);
      else told = message;
    });
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ told, ending: String(code ?? signal) }));
  });
}

/** Ends a process, and all that it started and that started no group of its own. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended, and so has all that it started.
  }
}

/** From here on a signal that ends this process ends the parts that run, too. */
export function endPartsWithThisProcess(): void {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)
    process.once(signal, () => {
      for (const pid of groups) endGroup(pid);
      process.exit(code);
    });
}

/** @throws {SyntaxError} it is none. */
export function readRequest(argument: string | undefined): PartRequest {
  return JSON.parse(argument ?? "") as PartRequest;
}
