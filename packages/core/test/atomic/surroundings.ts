import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "flockwork-")));
  made.push(directory);
  return directory;
}

/** Everything in a directory but lock files. */
export function namesIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => !name.endsWith(".lock") && !name.endsWith(".turnstile") && !name.includes(".lock."))
    .toSorted();
}

/** Descriptors of this process that are open on something in `directory`, lock files apart. */
export function descriptorsIn(directory: string): string[] {
  return readdirSync("/proc/self/fd")
    .map((fd) => {
      try {
        return realpathSync(join("/proc/self/fd", fd));
      } catch {
        return "";
      }
    })
    .filter((path) => path.startsWith(directory) && !path.includes(".lock"));
}

/** A real process running a fixture from source. */
export class Worker {
  readonly child: ChildProcess;
  readonly #messages: unknown[] = [];

  constructor(fixture: URL, ...args: string[]) {
    this.child = fork(fixture, args, { execArgv: ["--conditions=@flockwork/source"] });
    running.add(this.child);
    this.child.on("message", (message) => this.#messages.push(message));
    this.child.on("exit", () => running.delete(this.child));
  }

  /** What it has sent so far. */
  get messages(): readonly unknown[] {
    return this.#messages;
  }

  /** The next message it sends. */
  async message(): Promise<unknown> {
    const [message] = (await once(this.child, "message")) as [unknown];
    return message;
  }

  /** Its exit code, or the signal that ended it. */
  async exit(): Promise<number | string | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null)
      return this.child.exitCode ?? this.child.signalCode;
    const [code, signal] = (await once(this.child, "exit")) as [number | null, string | null];
    return code ?? signal;
  }

  /** Kills it, and waits until it is gone and everything it sent has arrived. */
  async kill(): Promise<void> {
    const gone = once(this.child, "close");
    this.child.kill("SIGKILL");
    await gone;
  }
}
