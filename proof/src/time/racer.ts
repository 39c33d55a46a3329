/**
 * Starts, pauses, resumes, switches and stops timers of a few actors, as chance says. Tells before each call what it will try,
 * and after it what was acknowledged, or by which code it was refused. Arguments: kind, directory, seed, calls.
 */
import { writeSync } from "node:fs";
import { identifyProcess } from "@flockwork/core";
import { Random } from "../harness/random.ts";
import { actors, openTime, tasks, type Kind } from "./stores.ts";
import type { Told } from "./told.ts";

const [kind = "", directory = "", seed = "0", calls = "0"] = process.argv.slice(2);
const random = new Random(Number(seed));
const time = openTime(kind as Kind, directory);
const own = identifyProcess();
const wait = { timeoutMs: Infinity } as const;

function say(told: Told): void {
  writeSync(1, `${JSON.stringify(told)}\n`); // at once: whoever is killed next has said it
}

for (let at = 0; at < Number(calls); at += 1) {
  const [actorId, taskId] = [random.pick(actors), random.pick(tasks)];
  const act = random.pick(["start", "start", "stop", "stop", "switch", "pause", "resume"] as const);
  say({ kind: "try", actorId, begins: act !== "stop" && act !== "pause" });
  try {
    const of = { actorId, ...wait };
    const { entries, timer, changed } = await (act === "start" || act === "switch"
      ? time[act]({ taskId, process: own, ...of })
      : act === "resume"
        ? time.resume({ process: own, ...of })
        : time[act](of));
    const begins = changed && timer?.state === "running" ? timer.id : undefined;
    say({ kind: "done", actorId, begins, entries });
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code !== "ERR_TIMER_RUNNING" && code !== "ERR_TIMER_NOT_RUNNING") throw error;
    say({ kind: "refused", code });
  }
}
