import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** What the scripts of the tree export; the same in every phase. */
export interface Scripts {
  readonly trackTime: (root: string, task: string, hours: number) => void;
  readonly bill: (root: string) => void;
  readonly setStatus: (root: string, id: string, status: string) => void;
  readonly touchSession: (root: string, developer: string, task: string) => void;
  readonly logEvent: (root: string, text: string) => void;
}

export async function loadScripts(directory: string): Promise<Scripts> {
  const names = ["track-time", "bill", "set-status", "touch-session", "log-event"];
  const urls = names.map((name) => pathToFileURL(join(directory, "scripts", `${name}.mjs`)).href);
  const modules = await Promise.all(urls.map((url): Promise<object> => import(url)));
  return Object.assign({}, ...modules) as Scripts;
}

/** What the files of the tree hold, by the phase that makes it certain. */
export interface Held {
  /** Hours on bills. */
  readonly hours: number;
  readonly tasks: number;
  /** Touches of sessions, and events. */
  readonly rest: number;
}

export function readTree(directory: string): Held {
  const time = read<{ bills: { hours: number }[] }>(directory, "time.json", { bills: [] });
  const { tasks } = read<{ tasks: object[] }>(directory, "tasks.json", { tasks: [] });
  const sessions = read<Record<string, string[]>>(directory, "sessions.json", {});
  const events = join(directory, ".flowforge/events.jsonl");
  return {
    hours: time.bills.reduce((sum, { hours }) => sum + hours, 0),
    tasks: tasks.length,
    rest:
      Object.values(sessions).flat().length +
      (existsSync(events) ? readFileSync(events, "utf8").split("\n").filter(Boolean).length : 0),
  };
}

function read<T>(directory: string, name: string, otherwise: T): T {
  try {
    return JSON.parse(readFileSync(join(directory, ".flowforge", name), "utf8")) as T;
  } catch {
    return otherwise;
  }
}
