import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
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
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "flockwork-test-")));
  made.push(directory);
  return directory;
}

/** What a JSON file holds. */
export function readJson(path: string): Record<string, Record<string, Record<string, unknown>>> {
  return JSON.parse(readFileSync(path, "utf8")) as Record<string, Record<string, Record<string, unknown>>>;
}

export function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value, null, 2));
}

/** Looks again and again until the condition holds; the test's own timeout is what ends it otherwise. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(2);
}

/** Who a process runs as; only root may choose. */
export interface Place {
  readonly uid?: number;
  readonly gid?: number;
}

/** A real process running a fixture from source. */
export class Worker {
  readonly child: ChildProcess;
  readonly messages: unknown[] = [];
  readonly #exited: Promise<number | string | null>;
  #waiting: (() => void) | undefined;

  constructor(fixture: URL, ...rest: readonly (string | Place)[]) {
    const args = rest.filter((each) => typeof each === "string");
    const place = rest.find((each) => typeof each !== "string");
    this.child = fork(fixture, args, { execArgv: ["--conditions=@flockwork/source"], ...place });
    running.add(this.child);
    this.child.on("message", (message) => {
      this.messages.push(message);
      this.#waiting?.();
    });
    this.#exited = once(this.child, "close").then(([code, signal]: (number | string | null)[]) => {
      running.delete(this.child);
      this.#waiting?.();
      return code ?? signal ?? null;
    });
  }

  /** Waits until it has sent that many messages. Throws when it ends before. */
  async sent(count: number): Promise<readonly unknown[]> {
    while (this.messages.length < count) {
      if (!running.has(this.child))
        throw new Error(`the worker ended after ${this.messages.length} messages`);
      await new Promise<void>((resolve) => (this.#waiting = resolve));
    }
    return this.messages;
  }

  tell(message: string): void {
    this.child.send(message);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Its exit code, or the signal that ended it. */
  exit(): Promise<number | string | null> {
    return this.#exited;
  }

  /** Kills it, and waits until it is gone. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.#exited;
  }
}
