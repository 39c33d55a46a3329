/**
 * T2: workers on one document and one log, killed at random moments, again and again.
 *
 * P2 is judged by what the kernel says when a killed process is reaped: by then it lists no lock of it. How long that took from
 * the kill on is counted, beside the load of the machine: a process that waits for a processor to die on is not dead yet.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bundled } from "../harness/bundled.ts";
import { jsonDocument, jsonlLog } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { rawLockIsFree } from "../harness/raw-lock.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { holdsLocks, locksGone, seesLocks } from "./kernel-locks.ts";
import { Standstill } from "./standstill.ts";
import { StormLedger } from "./storm-ledger.ts";
import { stagedFilesIn } from "./verify.ts";

export interface StormSize {
  readonly workers: number;
  readonly kills: number;
  /** How long nobody may get on, before the storm is broken off as a failure. */
  readonly standstillMs?: number;
}

export async function storm(context: PartContext): Promise<void> {
  const size = { workers: 8, kills: context.long ? 10_000 : 100 };
  await withTemporaryDirectory((root) => killStorm(context, root, size));
}

export async function killStorm(
  { tally, random, seed, say }: PartContext,
  root: string,
  { workers, kills, standstillMs = 60_000 }: StormSize,
): Promise<void> {
  for (const name of ["kills", "killed_with_locks", "lost", "duplicated", "torn", "stuck", "over_50_ms"])
    tally.count(name, 0);
  const directory = join(root, "storm");
  mkdirSync(directory, { recursive: true });
  const seesTheLocks = seesLocks(root);
  const documentPath = join(directory, "counts.json");
  const logPath = join(directory, "events.jsonl");
  writeFileSync(documentPath, "{}\n");
  writeFileSync(logPath, "");
  const worker = await bundled(new URL("storm-worker.ts", import.meta.url));
  const ledger = new StormLedger();
  const running = new Set<Program>();
  const atWork: Program[] = [];
  // What the workers do, and whether new ones come: the work of some would hide that none is started any more.
  const [work, coming] = [new Standstill(standstillMs), new Standstill(standstillMs)];
  let [started, done] = [0, 0];
  let broken: string | undefined;

  const start = (): void => {
    const name = `worker ${(started += 1)}`;
    const onLine = (line: string): void => {
      if (line === "ready") {
        atWork.push(program);
        coming.moved();
      }
      if (ledger.note(name, line)) work.moved();
    };
    // Node asks the kernel's threads or its rings: the half of them does it the way that is not the default.
    const env = { UV_USE_IO_URING: String(started % 2) };
    const program = Program.node(worker, [documentPath, logPath, name, `${seed}`], { onLine, env });
    running.add(program);
    const endedByItself = (how: string): void => {
      broken ??= `${name} ended by itself with ${how}`;
      for (const each of [coming, work]) each.moved();
    };
    program.exited.then(
      ({ code, errors }) => (code === null ? undefined : endedByItself(`${code}: ${errors}`)),
      (error: unknown) => endedByItself(String(error)),
    );
  };
  const killOne = async (): Promise<void> => {
    await coming.until(() => atWork.length >= workers - 2 || broken !== undefined, "workers are started");
    // Each kill comes after something was done: where the machine is slow, it comes later.
    await work.until(() => ledger.acknowledged > done || broken !== undefined, "the workers are at work");
    done = ledger.acknowledged;
    const victim = atWork.splice(random.between(0, atWork.length - 1), 1)[0];
    if (broken !== undefined || victim === undefined) return;
    const held = seesTheLocks && holdsLocks(victim.pid);
    victim.kill();
    running.delete(victim);
    const died = seesTheLocks ? locksGone(victim) : victim.dead.then(() => 0);
    const freeAfterMs = await coming.settled(died, "a killed worker dies");
    tally.count("kills");
    if (held) tally.count("killed_with_locks");
    if (freeAfterMs === undefined) tally.count("stuck");
    else tally.highest("max_ms_to_free", Math.ceil(freeAfterMs * 10) / 10);
    if ((freeAfterMs ?? 0) > 50) tally.count("over_50_ms");
    tally.highest("max_load", Math.round(loadavg()[0] ?? 0));
    start();
  };
  try {
    for (let count = 0; count < workers; count += 1) start();
    for (let killed = 1; killed <= kills && broken === undefined; killed += 1) {
      await pause(20 + 180 * random.next() ** 6); // 20 to 200 ms, of which most are short
      await killOne();
      if (killed % 100 === 0) say(`${killed} kills, ${ledger.acknowledged} acknowledged`);
    }
  } catch (error) {
    broken ??= `after ${tally.counted("kills")} kills, ${(error as Error).message}`;
  }
  for (const program of running) program.kill();
  const gone = Promise.all([...running].map((program) => program.exited.finally(() => coming.moved())));
  await tally.check("T2: every worker dies of its kill", () => coming.settled(gone, "the last are killed"));
  tally.highest("max_ms_without_progress", Math.ceil(work.longestMs));

  await tally.check("T2: no worker fails, and no standstill ends it", () => {
    if (broken !== undefined) throw new Error(broken);
  });
  const what = `T2: kill storm of ${kills} on ${workers} workers`;
  const how = `seed ${seed}`;
  tally.count("acknowledged", ledger.acknowledged);
  await tally.check(`${what}: something was acknowledged between the kills`, () => {
    if (ledger.acknowledged < kills) throw new Error(`only ${ledger.acknowledged} acknowledgements`);
  });
  if (!seesTheLocks)
    tally.skip(`${what}: P2: the locks of each as it dies`, "the kernel lists no locks here (/proc/locks)");
  await tally.check(`${what}: P2: no lock of a dead process stays`, () => {
    const held = tally.counted("killed_with_locks");
    if (seesTheLocks && kills >= 100 && held < kills / 10)
      throw new Error(`only ${held} of the killed held a lock, or waited for one`);
    if (tally.counted("stuck") > 0) throw new Error(`${tally.counted("stuck")} dead holders in /proc/locks`);
    for (const name of readdirSync(directory).filter((each) => each.endsWith(".lock")))
      if (!rawLockIsFree(join(directory, name))) throw new Error(`${name} is still locked`);
  });
  await tally.check(
    `${what}: P5: the log has whole lines only, once someone has appended`,
    async () => {
      await jsonlLog(logPath, { timeoutMs: standstillMs }).append({ by: "judge", round: 1 });
      const lines = readFileSync(logPath, "utf8").split("\n");
      if (lines.pop() !== "") throw new Error("no newline at the end");
      const bad = lines.filter((line) => !isJson(line));
      tally.count("torn", bad.length);
      if (bad.length > 0) throw new Error(`${bad.length} torn lines, first: ${bad[0]}`);
    },
    how,
  );
  await tally.check(
    `${what}: P3: everything acknowledged is there, and once`,
    () => {
      const counts = JSON.parse(readFileSync(documentPath, "utf8")) as Record<string, number>;
      const lines = readFileSync(logPath, "utf8").trimEnd().split("\n");
      const records = lines.map((line) => JSON.parse(line) as { by: string; round: number });
      const verdict = ledger.judge(
        counts,
        records.filter(({ by }) => by !== "judge"),
      );
      tally.count("lost", verdict.lost);
      tally.count("duplicated", verdict.duplicated);
      if (verdict.explanations.length > 0) throw new Error(verdict.explanations.slice(0, 20).join("\n"));
    },
    how,
  );
  await tally.check(
    `${what}: no staged file outlives the next change`,
    async () => {
      const judge = jsonDocument<Record<string, number>>(documentPath, { timeoutMs: standstillMs });
      await judge.update((draft) => void (draft["judge"] = 1));
      const left = stagedFilesIn(directory);
      if (left.length > 0) throw new Error(`${left.length} staged files are left: ${left[0]}`);
    },
    how,
  );
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
