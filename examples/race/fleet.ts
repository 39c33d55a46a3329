import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { atExit } from "./clean-up.ts";
import type { Ledger } from "./ledger.ts";
import type { Assignment, Command, Report } from "./messages.ts";

const workerPath = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** The processes of one run. */
export class Fleet {
  readonly #ledger: Ledger;
  readonly #workers: readonly Worker[];

  constructor(ledger: Ledger, assignments: readonly Assignment[]) {
    this.#ledger = ledger;
    this.#workers = assignments.map((assignment) => new Worker(assignment, ledger));
  }

  /** Resolves when every process has loaded its code. */
  async ready(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.heard("ready")));
  }

  start(): void {
    for (const worker of this.#workers) worker.tell("go");
  }

  /** Has one worker stop in the middle of a change, and gives the others time to run into that. */
  async holdOne(): Promise<{ readonly kill: (atMs: number) => void }> {
    const victim = this.#workers.at(-1);
    if (victim === undefined) throw new Error("A race needs workers");
    const holding = victim.heard("holding");
    victim.tell("die");
    await holding;
    return {
      kill: (atMs) => {
        this.#ledger.noteKill(atMs);
        victim.kill();
      },
    };
  }

  /** Resolves when everybody who is alive has finished the update at hand, reported it, and left. */
  async stop(): Promise<void> {
    for (const worker of this.#workers) worker.tell("stop");
    await Promise.all(this.#workers.map((worker) => worker.left()));
  }
}

class Worker {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  readonly #waiting = new Map<Report["type"], () => void>();
  #state: "running" | "stopped" | "killed" = "running";

  constructor(assignment: Assignment, ledger: Ledger) {
    this.#child = fork(workerPath, [JSON.stringify(assignment)]);
    this.#exit = once(this.#child, "exit");
    const forget = atExit(() => void this.#child.kill("SIGKILL"));
    this.#child.once("exit", forget);
    this.#child.on("message", (report: Report) => {
      ledger.add(assignment.worker, report);
      if (report.type === "stopped") this.#state = "stopped";
      this.#waiting.get(report.type)?.();
      this.#waiting.delete(report.type);
    });
  }

  /** @throws {Error} when the worker ends instead. */
  async heard(type: Report["type"]): Promise<void> {
    const said = new Promise<"said">((resolve) => this.#waiting.set(type, () => resolve("said")));
    if ((await Promise.race([said, this.#exit])) !== "said") this.#complain();
  }

  tell(command: Command): void {
    if (this.#state === "running" && this.#child.connected) this.#child.send(command);
  }

  kill(): void {
    this.#state = "killed";
    this.#child.kill("SIGKILL");
  }

  async left(): Promise<void> {
    await this.#exit;
    if (this.#state === "running") this.#complain();
  }

  #complain(): never {
    const { pid, exitCode, signalCode } = this.#child;
    throw new Error(`Worker process ${pid} ended by itself (${signalCode ?? `exit code ${exitCode}`})`);
  }
}
