import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach } from "vitest";

const made: string[] = [];
const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** An empty directory that is removed after the test. */
export function temporaryDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "flockwork-tasks-")));
  made.push(directory);
  return directory;
}

/** Writes a file below a directory, which is made with its parents. */
export function place(directory: string, name: string, content: unknown): string {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`);
  return path;
}

/** Everything below a directory but lock files, sorted. */
export function namesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .filter((name) => !/\.(lock|flock|gate)$|\.lock\.gate$|\.flock\.gate$/.test(name))
    .toSorted();
}

/** A real process running a fixture from source. */
export class Program {
  readonly child: ChildProcess;
  readonly #messages: unknown[] = [];

  constructor(fixture: string, ...args: readonly string[]) {
    const path = new URL(`../fixtures/${fixture}`, import.meta.url);
    this.child = fork(path, args, { execArgv: ["--conditions=@flockwork/source"] });
    running.add(this.child);
    this.child.on("message", (message) => this.#messages.push(message));
    this.child.on("exit", () => running.delete(this.child));
  }

  /** What it has sent so far. */
  get messages(): readonly unknown[] {
    return this.#messages;
  }

  /** The first message it sends, or sent. */
  async message(): Promise<unknown> {
    if (this.#messages.length === 0) await once(this.child, "message");
    return this.#messages[0];
  }

  /** Its exit code, or the signal that ended it. */
  async exit(): Promise<number | string | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
    return this.child.exitCode ?? this.child.signalCode;
  }

  /** Kills it, and waits until it is gone. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, "close");
    this.child.kill("SIGKILL");
    await gone;
  }
}
