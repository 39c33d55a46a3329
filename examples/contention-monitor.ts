// A contention monitor: who waits longer than 100 ms is told so, and the counters of each process say how it went.
//   ./dev node --conditions=@flockwork/source examples/contention-monitor.ts [--race]
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lockMetrics, onLockContention, onLongHold, withWriteLock } from "@flockwork/core";
import { original } from "./contention-monitor.original.ts";
import { sideBySide } from "./side-by-side/side-by-side.ts";

await sideBySide({
  file: import.meta.filename,
  prepare(directory) {
    writeFileSync(join(directory, "state.json"), '{"runs":0}');
  },
  original,
  async flockwork(directory, { id, tell }) {
    const path = join(directory, "state.json");
    const say = (words: string): void => console.log(`           process ${id} ${words}`);
    onLockContention(({ durationMs }) => say(`waited ${durationMs.toFixed(0)} ms`), { thresholdMs: 100 });
    onLongHold(({ durationMs }) => say(`holds the lock for ${durationMs.toFixed(0)} ms by now`), {
      thresholdMs: 100,
    });
    for (let run = 0; run < 20; run += 1) {
      await withWriteLock(path, async () => {
        const { runs } = JSON.parse(readFileSync(path, "utf8")) as { runs: number };
        if (id === 0 && run === 5) await sleep(150); // a slow one
        writeFileSync(path, JSON.stringify({ runs: runs + 1 }));
      });
      tell("run");
    }
    const { acquisitions, contentions, waitTime } = lockMetrics();
    say(
      `took ${acquisitions} locks, ${contentions} were held by others, longest wait ${waitTime.maxMs.toFixed(0)} ms`,
    );
  },
  faults(directory, told) {
    const { runs } = JSON.parse(readFileSync(join(directory, "state.json"), "utf8")) as { runs: number };
    const lost = told.length - runs;
    return Array.from({ length: lost }, () => `${lost} of ${told.length} runs are not in the file`);
  },
});
