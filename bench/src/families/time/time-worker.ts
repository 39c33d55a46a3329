/**
 * One process of the time rows. Arguments: way, directory, own name, and `alone` where another one is to change the file before each
 * operation. A line is a count of operations. Answers with what each took, and the ids it was told of.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { acquireLock } from "@flockwork/core";
import { openTimeTracking } from "@flockwork/time-tracking";
import { answerLines } from "../../workers/line-server.ts";
import type { Answer } from "./time-faults.ts";
import { timeFile } from "./year.ts";

const [way = "", directory = "", own = "", alone = ""] = process.argv.slice(2);
const isAlone = alone === "alone";
const path = join(directory, timeFile);
const mode = way === "journal" ? "journal" : "document";
const time = openTimeTracking(directory, { mode, history: way === "history", timeZone: "UTC" });
const file = time.store.document<Record<string, { turn?: string }>>({ name: timeFile, layout: "flowforge" });
let turn = 0;

/** Starts and stops in turn. */
async function startOrStop(ids: string[]): Promise<void> {
  const isStart = (turn += 1) % 2 === 1;
  const { timer, entries } = isStart
    ? await time.start({ taskId: "1005", actorId: own, timeoutMs: Infinity })
    : await time.stop({ actorId: own, timeoutMs: Infinity });
  ids.push(...(isStart ? [timer?.id ?? ""] : entries.map(({ id }) => id)));
}

/** A change of the same size, by a document of core, which knows nothing of time. */
async function bareChange(): Promise<void> {
  const change = (drafts: { file: { draft: Record<string, { turn?: string }> } }): void =>
    void ((drafts.file.draft["1005"] ??= {}).turn = `${own} ${(turn += 1)}`);
  await time.store.transact({ file }, change, { timeoutMs: Infinity });
}

/** The least that a durable change of the whole file takes: lock, read, parse, write beside it, sync, rename, sync the directory. */
async function rawChange(): Promise<void> {
  const lock = await acquireLock(path, "exclusive", { layout: "flowforge", timeoutMs: Infinity });
  const content = JSON.parse(readFileSync(path, "utf8")) as Record<string, { turn?: string }>;
  (content["1005"] ??= {}).turn = `${own} ${(turn += 1)}`;
  replaceFile(`${path}.raw`, JSON.stringify(content, null, 2));
  await lock.release();
}

/** As if another process had written meanwhile: nothing that this one knows of the file is true any more, and the disk has nothing left to do. */
function changeByAnother(at: number): void {
  const text = readFileSync(path, "utf8");
  const hours = text.lastIndexOf('"total_hours": ');
  const rest = text.slice(text.indexOf("\n", hours));
  replaceFile(`${path}.other`, `${text.slice(0, hours)}"total_hours": ${at + Date.now()}${rest}`);
}

function replaceFile(staged: string, text: string): void {
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

await answerLines(async (line): Promise<Answer> => {
  const latenciesMs: number[] = [];
  const cpuMs: number[] = [];
  const ids: string[] = [];
  for (let at = 0; at < Number(line); at += 1) {
    if (isAlone) changeByAnother(at);
    const elapsed = stopwatch();
    if (way === "raw") await rawChange();
    else if (way === "bare") await bareChange();
    else if (way === "report") await time.report({ by: ["actor", "day"] });
    else await startOrStop(ids);
    const took = elapsed();
    latenciesMs.push(took.latencyMs);
    cpuMs.push(took.cpuMs);
  }
  return { latenciesMs, cpuMs, ids };
});
