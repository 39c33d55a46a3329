/** Workers at one queue, one of them killed every 50 ms, until all jobs are done. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bundled } from "../harness/bundled.ts";
import { fileStore } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { rawLockIsFree } from "../harness/raw-lock.ts";
import { openQueue, type Job } from "./package.ts";

export interface StormSize {
  readonly jobs: number;
  readonly workers: number;
  readonly killEveryMs: number;
  /** After so many the rest is done in peace. */
  readonly mostKills: number;
  /** Without a job that completes for so long, nobody waits any more. Default: two minutes. */
  readonly standstillMs?: number;
}

export async function queueStorm(
  { tally, random, say }: PartContext,
  directory: string,
  size: StormSize,
): Promise<void> {
  for (const name of ["kills", "jobs", "acknowledged_twice", "crashes"]) tally.count(name, 0);
  const queue = openQueue<number, number>(fileStore(directory), {
    directory: "queue",
    durability: "os",
    retention: { completed: Infinity },
  });
  const acknowledged = new Map<string, string>();
  const complaints: string[] = [];
  const programs: Program[] = [];
  /** Those that have done a job and are at the next ones: killing others proves nothing. */
  const atWork: Program[] = [];
  const met = new Set<Program>();
  const worker = await bundled(new URL("storm-worker.ts", import.meta.url));
  const start = (): Program => {
    const onLine = (line: string): void => {
      const [what, id = "", token = ""] = line.split(" ");
      if (what === "error") complaints.push(line);
      if (what !== "done") return;
      if (!met.has(program)) {
        met.add(program);
        atWork.push(program);
      }
      if (acknowledged.has(id)) tally.count("acknowledged_twice");
      acknowledged.set(id, token);
    };
    const program = Program.node(worker, [directory], { onLine });
    programs.push(program);
    return program;
  };
  for (let at = 0; at < size.workers; at += 1) start();
  let enqueued = 0;
  let completed = 0;
  let progressAt = performance.now();
  const { standstillMs = 120_000 } = size;
  // A job that is lost, or dead, never completes: what is missing is told below.
  while (completed < size.jobs && performance.now() - progressAt < standstillMs) {
    // Jobs come while others are being done, so that there is always somebody to kill in the middle of something.
    const more = Math.min(jobsDue(size, tally.counted("kills")) - enqueued, 200);
    if (more > 0 && enqueued - completed < 400) {
      await queue.enqueueMany(
        Array.from({ length: more }, (_, at) => ({ payload: enqueued + at, maxAttempts: 100_000 })),
      );
      enqueued += more;
    }
    await pause(size.killEveryMs);
    if (atWork.length > 0 && tally.counted("kills") < size.mostKills) {
      atWork.splice(random.between(0, atWork.length - 1), 1)[0]?.kill();
      start();
      tally.count("kills");
    }
    const completedBefore = completed;
    ({ completed } = await queue.stats());
    if (completed > completedBefore) progressAt = performance.now();
    if (tally.counted("kills") % 100 === 99 && atWork.length > 0)
      say(`${tally.counted("kills")} kills, ${completed} jobs`);
  }
  for (const program of programs) program.kill();
  await Promise.all(programs.map((program) => program.exited));
  tally.count("jobs", completed);
  const jobs = await queue.list("completed");
  const stats = JSON.stringify(await queue.stats());
  await queue.close();
  await tally.check("every job completes, and what was acknowledged is among them", () =>
    checkJobs(jobs, acknowledged, size.jobs, stats),
  );
  await tally.check("none completes twice, and attempts are as many as claims", () =>
    checkEvents(directory, jobs),
  );
  await tally.check("no worker complained", () => {
    if (complaints.length > 0) throw new Error(complaints.slice(0, 5).join("\n"));
  });
  await tally.check("no lock and no staged file stays", () => {
    const stray = readdirSync(join(directory, "queue")).filter((name) => /staged|corrupt/.test(name));
    if (stray.length > 0) throw new Error(stray.join(", "));
    for (const name of ["tasks.jsonl.lock", "tasks.jsonl.flock"])
      if (!rawLockIsFree(join(directory, "queue", ".gastown", "locks", name)))
        throw new Error(`${name} is held`);
  });
  tally.count(
    "crashes",
    jobs.reduce((sum, job) => sum + job.crashes, 0),
  );
}

/** Jobs that may have come after so many kills: where the kills are counted, the last jobs come after the last kill. */
function jobsDue({ jobs, mostKills }: StormSize, kills: number): number {
  return mostKills === Infinity ? jobs : Math.min(jobs, Math.ceil((jobs * (kills + 1)) / (mostKills + 1)));
}

function checkJobs(
  jobs: readonly Job<number, number>[],
  acknowledged: ReadonlyMap<string, string>,
  count: number,
  stats: string,
): void {
  if (jobs.length !== count) throw new Error(`${jobs.length} of ${count} jobs are completed: ${stats}`);
  const byId = new Map(jobs.map((job) => [job.id, job]));
  for (const [id, token] of acknowledged) {
    if (byId.get(id)?.token !== token)
      throw new Error(`${id} was acknowledged under ${token}, and is ${JSON.stringify(byId.get(id))}`);
  }
}

function checkEvents(directory: string, jobs: readonly Job<number, number>[]): void {
  const claims = new Map<string, number>();
  const completions = new Map<string, number>();
  const lines = readFileSync(join(directory, "queue", "events.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  for (const line of lines) {
    const {
      type,
      job,
      jobs: several = [job ?? ""],
    } = JSON.parse(line) as { type: string; job?: string; jobs?: string[] };
    const counts = type === "claimed" ? claims : type === "completed" ? completions : undefined;
    for (const id of several) counts?.set(id, (counts.get(id) ?? 0) + 1);
  }
  for (const { id, attempts, crashes } of jobs) {
    if (completions.get(id) !== 1) throw new Error(`${id} was completed ${completions.get(id)} times`);
    if (claims.get(id) !== attempts || attempts !== crashes + 1)
      throw new Error(`${id}: ${claims.get(id)} claims, ${attempts} attempts, ${crashes} crashes`);
  }
}
