/** T2: workers on one document and one log, killed at random moments, again and again. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { jsonlLog, updateJson } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { rawLockIsFree } from "../harness/raw-lock.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { StormLedger } from "./storm-ledger.ts";
import { stagedFilesIn } from "./verify.ts";

export interface StormSize {
  readonly workers: number;
  readonly kills: number;
}

export async function storm(context: PartContext): Promise<void> {
  const size = { workers: 8, kills: context.long ? 10_000 : 100 };
  await withTemporaryDirectory((root) => killStorm(context, root, size));
}

export async function killStorm(
  { tally, random, seed, say }: PartContext,
  directory: string,
  { workers, kills }: StormSize,
): Promise<void> {
  for (const name of ["kills", "lost", "duplicated", "torn", "stuck"]) tally.count(name, 0);
  const documentPath = join(directory, "counts.json");
  const logPath = join(directory, "events.jsonl");
  writeFileSync(documentPath, "{}\n");
  writeFileSync(logPath, "");
  const ledger = new StormLedger();
  const running = new Set<Program>();
  const atWork: Program[] = [];
  let started = 0;
  let broken: string | undefined;

  const start = (): void => {
    const name = `worker ${(started += 1)}`;
    const file = new URL("storm-worker.ts", import.meta.url);
    const onLine = (line: string): void => {
      if (line === "ready") atWork.push(program);
      ledger.note(name, line);
    };
    const program = Program.node(file, [documentPath, logPath, name], { onLine });
    running.add(program);
    void program.exited.then(({ code, errors }) => {
      if (code !== null) broken ??= `${name} ended by itself with ${code}: ${errors}`;
    });
  };
  for (let count = 0; count < workers; count += 1) start();
  for (let killed = 0; killed < kills; killed += 1) {
    await pause(random.between(20, 200));
    while (atWork.length < workers - 2 && broken === undefined) await pause(5);
    if (broken !== undefined) break;
    const victim = atWork.splice(random.between(0, atWork.length - 1), 1)[0];
    if (victim === undefined) break;
    victim.kill();
    running.delete(victim);
    const freeAfterMs = await kernelLocksGone(victim);
    tally.count("kills");
    if (freeAfterMs === undefined) tally.count("stuck");
    else tally.highest("max_ms_to_free", Math.ceil(freeAfterMs * 10) / 10);
    start();
    if ((killed + 1) % 100 === 0) say(`${killed + 1} kills, ${ledger.acknowledged} acknowledged`);
  }
  for (const program of running) program.kill();
  await Promise.all([...running].map((program) => program.exited));

  await tally.check("T2: no worker fails", () => {
    if (broken !== undefined) throw new Error(broken);
  });
  const what = `T2: kill storm of ${kills} on ${workers} workers`;
  const how = `seed ${seed}`;
  tally.count("acknowledged", ledger.acknowledged);
  await tally.check(`${what}: something was acknowledged between the kills`, () => {
    if (ledger.acknowledged < kills) throw new Error(`only ${ledger.acknowledged} acknowledgements`);
  });
  await tally.check(`${what}: P2: no lock of a dead process stays`, () => {
    if (tally.counted("stuck") > 0) throw new Error(`${tally.counted("stuck")} dead holders in /proc/locks`);
    for (const name of readdirSync(directory).filter((each) => each.endsWith(".lock")))
      if (!rawLockIsFree(join(directory, name))) throw new Error(`${name} is still locked`);
  });
  await tally.check(
    `${what}: P5: the log has whole lines only, once someone has appended`,
    async () => {
      await jsonlLog(logPath).append({ by: "judge", round: 1 });
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
      await updateJson<Record<string, number>>(documentPath, (draft) => void (draft["judge"] = 1));
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

/** Milliseconds from the kill until the kernel lists no lock of the process. Undefined: it still did when it was reaped. */
async function kernelLocksGone(victim: Program): Promise<number | undefined> {
  const since = performance.now();
  const elapsedMs = (): number => performance.now() - since;
  while (elapsedMs() < 50) {
    if (!holdsLocks(victim.pid)) return elapsedMs();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0.2); // the event loop would add its own delay
  }
  await victim.dead;
  return holdsLocks(victim.pid) ? undefined : elapsedMs();
}

function holdsLocks(pid: number): boolean {
  try {
    return readFileSync("/proc/locks", "utf8").includes(` ${pid} `);
  } catch {
    return false; // no /proc: the kill itself is what we can wait for
  }
}
