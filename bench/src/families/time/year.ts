/** A year of time as `task-time.sh` would have left it: 50 000 entries of 20 people on 500 tasks, about 11 MB. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const tasks = 500;
const sessionsOfTask = 100;
const stepMs = 600_000;

export const timeFile = ".flowforge/billing/time-tracking.json";

/** Writes it below a directory. Returns the path of the file. */
export function writeYear(directory: string, shrink = 1): string {
  mkdirSync(join(directory, ".flowforge/billing"), { recursive: true });
  const path = join(directory, timeFile);
  const file: Record<string, unknown> = {};
  for (let task = 0; task < tasks / shrink; task += 1) {
    const sessions = Array.from({ length: sessionsOfTask }, (_, at) => sessionAt(task, at));
    file[String(1_000 + task)] = { status: "closed", current_session: null, sessions, total_hours: 15 };
  }
  writeFileSync(path, JSON.stringify(file, null, 2));
  return path;
}

function sessionAt(task: number, at: number): object {
  const startMs = Date.UTC(2025, 0, 1) + (task * sessionsOfTask + at) * stepMs;
  const text = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  return {
    start: text(startMs),
    user: `dev${task % 20}`,
    instance_id: "dev@host:123:1700000000",
    end: text(startMs + 0.9 * stepMs),
    duration: 0.15,
    reason: "Break",
  };
}
