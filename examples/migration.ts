// A script tree is migrated in four phases, and works after each. With --race the whole fleet runs at once in every phase.
//   ./dev node --conditions=@flockwork/source examples/migration.ts [--race]
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install, phases, type Phase } from "./migration/phases.ts";
import { loadScripts, readTree, type Held } from "./migration/tree.ts";
import type { Idea } from "./side-by-side/idea.ts";
import { runSide } from "./side-by-side/run-side.ts";
import { work } from "./side-by-side/work.ts";

const timesEach = 15;
const [option, ...rest] = process.argv.slice(2);
if (option === "--worker") await work(fleet(undefined), rest);
else await (option === "--race" ? race() : walk());

/** Every script once, as a person would run it, one after the other. */
async function walk(): Promise<void> {
  const results = phases.map((phase) => {
    const directory = mkdtempSync(join(tmpdir(), "flockwork-example-"));
    try {
      install(phase, directory);
      const commands = [
        "track-time.mjs 7 2",
        "track-time.mjs 8 1",
        "bill.mjs",
        "set-status.mjs 7 done",
        "touch-session.mjs ada 7",
        "log-event.mjs hello",
      ];
      for (const command of commands) {
        const [script = "", ...args] = command.split(" ");
        execFileSync(process.execPath, [...process.execArgv, join("scripts", script), ...args], {
          cwd: directory,
        });
      }
      const held = readTree(directory);
      const legacy = existsSync(join(directory, "scripts/legacy-io.mjs")) ? "" : ", legacy-io.mjs is gone";
      console.log(
        `${phase.name.padEnd(24)} ${held.hours} hours billed, ${held.tasks} task, ${held.rest} others${legacy}`,
      );
      return held.hours === 3 && held.tasks === 1 && held.rest === 2;
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
  conclude(results.every(Boolean), "every script works after every phase");
}

/** All scripts from several processes at once: what each phase still loses. */
async function race(): Promise<void> {
  const lost: Held[] = [];
  console.log("updates lost in phase     hours billed   tasks   sessions and events");
  for (const phase of phases) {
    let [hours, tasks, others] = [0, 0, 0];
    // Before the migration something must be lost: a race that went well by luck is run again.
    for (let round = 0; round < 5 && hours + tasks + others === 0; round += 1) {
      const { faults } = await runSide(fleet(phase), "flockwork");
      [hours = 0, tasks = 0, others = 0] = faults.map(Number);
      if (phase.changed.length > 0) break;
    }
    lost.push({ hours, tasks, rest: others });
    console.log(
      `${phase.name.padEnd(24)} ${String(hours).padStart(13)} ${String(tasks).padStart(7)} ${String(others).padStart(21)}`,
    );
  }
  const before = lost[0];
  const held =
    before !== undefined &&
    before.hours + before.tasks + before.rest > 0 &&
    lost.slice(1).every(({ hours }) => hours === 0) &&
    lost.slice(2).every(({ tasks }) => tasks === 0) &&
    lost.slice(3).every(({ rest: others }) => others === 0);
  conclude(held, "each phase loses nothing any more in what it has changed");
}

function fleet(phase: Phase | undefined): Idea {
  const run: Idea["flockwork"] = async (directory, { id, tell }) => {
    const scripts = await loadScripts(directory);
    for (let at = 0; at < timesEach; at += 1) {
      scripts.trackTime(directory, `${id}-${at}`, 1);
      scripts.setStatus(directory, `${id}-${at}`, "done");
      scripts.touchSession(directory, `developer-${id}`, `${id}-${at}`);
      scripts.logEvent(directory, `${id}-${at}`);
      tell(`${id}-${at}`);
    }
    scripts.bill(directory);
  };
  return {
    file: import.meta.filename,
    prepare: (directory) => (phase === undefined ? undefined : install(phase, directory)),
    original: run,
    flockwork: run,
    faults: (directory, { length }) => {
      const { hours, tasks, rest: others } = readTree(directory);
      return [Math.abs(length - hours), length - tasks, 2 * length - others].map(String);
    },
  };
}

function conclude(held: boolean, what: string): void {
  console.log(`${held ? "proof" : "FAILED"}: ${what}`);
  process.exitCode = held ? 0 : 1;
}
