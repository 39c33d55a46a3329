/**
 * One process of the time rows. Arguments: way, directory, own name, and `alone` for
 * processor time after changes of others. A line is a count of operations. Answers with its latencies,
 * the ids it was told of, or the time of one report.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { acquireLock } from "@flockwork/core";
import { openTimeTracking } from "@flockwork/time-tracking";
import { answerLines } from "../../workers/line-server.ts";
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
  const file = JSON.parse(readFileSync(path, "utf8")) as Record<string, { turn?: string }>;
  (file["1005"] ??= {}).turn = `${own} ${(turn += 1)}`;
  const staged = openSync(`${path}.raw`, "w");
  writeFileSync(staged, JSON.stringify(file, null, 2));
  fsyncSync(staged);
  closeSync(staged);
  renameSync(`${path}.raw`, path);
  const parent = openSync(dirname(path), "r");
  fsyncSync(parent);
  closeSync(parent);
  await lock.release();
}

/** As if another process had written meanwhile: nothing that this one knows of the file is true any more. */
function changeByAnother(at: number): void {
  const text = readFileSync(path, "utf8");
  const hours = text.lastIndexOf('"total_hours": ');
  const rest = text.slice(text.indexOf("\n", hours));
  writeFileSync(`${path}.other`, `${text.slice(0, hours)}"total_hours": ${at + Date.now()}${rest}`);
  renameSync(`${path}.other`, path);
}

/** Milliseconds: on the clock, or, where another changes the file before each operation, of processor time. */
function stopwatch(at: number): () => number {
  if (!isAlone) {
    const startedAt = performance.now();
    return () => performance.now() - startedAt;
  }
  changeByAnother(at);
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
}

await answerLines(async (line) => {
  const latenciesMs: number[] = [];
  const ids: string[] = [];
  for (let at = 0; at < Number(line); at += 1) {
    const elapsedMs = stopwatch(at);
    if (way === "raw") await rawChange();
    else if (way === "bare") await bareChange();
    else if (way === "report") await time.report({ by: ["actor", "day"] });
    else await startOrStop(ids);
    latenciesMs.push(elapsedMs());
  }
  return { latenciesMs, ids };
});
