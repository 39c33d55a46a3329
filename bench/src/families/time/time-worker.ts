/**
 * One process of the time rows. Arguments: way, directory, own name, and `alone` where another one is to change the file before each
 * operation. A line is a count of operations, answered with what each took, and the ids it was told of; or `warm <count> <seconds>`: so
 * many on a small file of its own, no longer than that.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { acquireLock } from "@flockwork/core";
import { openTimeTracking, type TimeTracking } from "@flockwork/time-tracking";
import { answerLines } from "../../workers/line-server.ts";
import type { Answer } from "./time-faults.ts";
import { timeFile, writeYear } from "./year.ts";

const [way = "", directory = "", own = "", alone = ""] = process.argv.slice(2);
const isAlone = alone === "alone";
const mode = way === "journal" ? "journal" : "document";
let turn = 0;

/** What is done with the time of a directory, once a call. It adds the ids that it is told of. */
type Operation = (ids: string[]) => Promise<unknown>;

function operationOn(root: string): Operation {
  const path = join(root, timeFile);
  if (way === "raw") return () => rawChange(path);
  const time = openTimeTracking(root, { mode, history: way === "history", timeZone: "UTC" });
  if (way === "bare") return bareChange(time);
  if (way === "report") return () => time.report({ by: ["actor", "day"] });
  return startsAndStops(time);
}

function startsAndStops(time: TimeTracking): Operation {
  let isRunning = false;
  return async (ids) => {
    isRunning = !isRunning;
    const { timer, entries } = isRunning
      ? await time.start({ taskId: "1005", actorId: own, timeoutMs: Infinity })
      : await time.stop({ actorId: own, timeoutMs: Infinity });
    ids.push(...(isRunning ? [timer?.id ?? ""] : entries.map(({ id }) => id)));
  };
}

/** A change of the same size, by a document of core, which knows nothing of time. */
function bareChange({ store }: TimeTracking): Operation {
  const file = store.document<Record<string, { turn?: string }>>({ name: timeFile, layout: "flowforge" });
  const change = (drafts: { file: { draft: Record<string, { turn?: string }> } }): void =>
    void ((drafts.file.draft["1005"] ??= {}).turn = `${own} ${(turn += 1)}`);
  return () => store.transact({ file }, change, { timeoutMs: Infinity });
}

/** The least that a durable change of the whole file takes: lock, read, parse, write beside it, sync, rename, sync the directory. */
async function rawChange(path: string): Promise<void> {
  const lock = await acquireLock(path, "exclusive", { layout: "flowforge", timeoutMs: Infinity });
  const content = JSON.parse(readFileSync(path, "utf8")) as Record<string, { turn?: string }>;
  (content["1005"] ??= {}).turn = `${own} ${(turn += 1)}`;
  replaceFile(path, `${path}.raw`, JSON.stringify(content, null, 2));
  await lock.release();
}

/** As if another process had written meanwhile: nothing that this one knows of the file is true any more, and the disk has nothing left to do. */
function changeByAnother(at: number): void {
  const path = join(directory, timeFile);
  const text = readFileSync(path, "utf8");
  const hours = text.lastIndexOf('"total_hours": ');
  const rest = text.slice(text.indexOf("\n", hours));
  replaceFile(path, `${path}.other`, `${text.slice(0, hours)}"total_hours": ${at + Date.now()}${rest}`);
}

function replaceFile(path: string, staged: string, text: string): void {
  const fd = openSync(staged, "w");
  writeFileSync(fd, text);
  fsyncSync(fd);
  closeSync(fd);
  renameSync(staged, path);
  const parent = openSync(dirname(path), "r");
  fsyncSync(parent);
  closeSync(parent);
}

/** Milliseconds since it was called, on the clock and of processor time. */
function stopwatch(): () => { readonly latencyMs: number; readonly cpuMs: number } {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  return () => {
    const latencyMs = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(before);
    return { latencyMs, cpuMs: (user + system) / 1_000 };
  };
}

async function warmUp(operations: number, seconds: number): Promise<void> {
  const root = `${directory}-warm-${own}`;
  writeYear(root, 50);
  const operate = operationOn(root);
  const endAt = performance.now() + seconds * 1_000;
  for (let at = 0; at < operations && performance.now() < endAt; at += 1) await operate([]);
}

const operate = operationOn(directory);

await answerLines(async (line): Promise<Answer> => {
  const [order, operations, seconds] = line.split(" ");
  if (order === "warm") await warmUp(Number(operations), Number(seconds));
  const count = order === "warm" ? 0 : Number(line);
  const latenciesMs: number[] = [];
  const cpuMs: number[] = [];
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1) {
    if (isAlone) changeByAnother(at);
    const elapsed = stopwatch();
    await operate(ids);
    const took = elapsed();
    latenciesMs.push(took.latencyMs);
    cpuMs.push(took.cpuMs);
  }
  return { latenciesMs, cpuMs, ids };
});
