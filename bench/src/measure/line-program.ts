/**
 * A child process that is spoken to in lines: it says `ready`, then answers each line with one line of JSON.
 * The same protocol for Node, C and Go programs, so that all of them pay the same for it.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take for a line, or to end. Default 600 000: nothing that works takes ten minutes for one. */
  readonly deadlineMs?: number | undefined;
}

const defaultDeadlineMs = 600_000;

const running = new Set<LineProgram>();

/** Ends what a group left running: it would keep the bench alive, and disturb the next group. */
export async function endLeftovers(): Promise<void> {
  const programs = [...running];
  for (const program of programs) program.kill();
  await Promise.all(programs.map((program) => program.ended()));
}

/** At once, without waiting for it: this process is about to end. */
export function killPrograms(): void {
  for (const program of running) program.kill();
}

export class LineProgram {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  readonly #closed: Promise<void>;
  readonly #deadlineMs: number;
  #isGivenUp = false;
  #errors = "";

  constructor(command: string, args: readonly string[], options: ProgramOptions = {}) {
    const { env, deadlineMs = defaultDeadlineMs } = options;
    this.#deadlineMs = deadlineMs;
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
    this.#child = child;
    running.add(this);
    this.#closed = new Promise((resolve) => child.once("close", () => resolve()));
    void this.#closed.then(() => running.delete(this));
    child.on("error", (error) => (this.#errors += error.message));
    child.stdin?.on("error", () => {}); // it died first; the missing answer tells
    child.stderr?.on("data", (chunk: Buffer) => (this.#errors += chunk.toString()));
    if (child.stdout === null) throw new Error(`${command} has no output`);
    this.#reader = createInterface({ input: child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Waits until the program says that it is ready. */
  async ready(): Promise<this> {
    const line = await this.nextLine();
    if (line !== "ready") throw new Error(`${this.#child.spawnfile} said ${line} instead of ready`);
    return this;
  }

  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  async nextLine(): Promise<string> {
    const { done, value } = await this.#inTime(this.#lines.next());
    if (done !== true) return value;
    await this.#closed;
    const command = this.#child.spawnargs.join(" ");
    const seconds = this.#deadlineMs / 1_000;
    throw new Error(
      this.#isGivenUp
        ? `the program said nothing for ${seconds} s, and was killed\n${command}`
        : `the program ended without an answer\n${command}\n${this.#errors}`,
    );
  }

  /** Sends a line and returns the answer. */
  async ask<T>(line: string): Promise<T> {
    this.tell(line);
    return JSON.parse(await this.nextLine()) as T;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Ends the program through the end of its input, by force where that takes too long, and waits until it is gone. */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    await this.#inTime(this.ended());
  }

  async ended(): Promise<void> {
    await this.#closed;
    this.#reader.close();
  }

  async #inTime<T>(waited: Promise<T>): Promise<T> {
    const late = setTimeout(() => this.#giveUp(), this.#deadlineMs);
    try {
      return await waited;
    } finally {
      clearTimeout(late);
    }
  }

  /** Lets go of its pipes as well, which a program that it started itself may hold open. */
  #giveUp(): void {
    this.#isGivenUp = true;
    this.kill();
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#reader.close();
  }
}

/** A Node worker of this bench, run like the bench itself: from source, or from the build. */
export function nodeWorker(file: string, args: readonly string[], options?: ProgramOptions): LineProgram {
  const path = fileURLToPath(new URL(`../workers/${file}`, import.meta.url));
  return new LineProgram(process.execPath, [...process.execArgv, path, ...args], options);
}
