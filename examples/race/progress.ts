import type { Ledger } from "./ledger.ts";
import { monotonicMs, titles, type WayName } from "./messages.ts";

/** Says how a run gets on: one line that changes on a terminal, a line a second elsewhere. */
export class Progress {
  readonly #terminal = process.stdout.isTTY === true;
  #timer: NodeJS.Timeout | undefined;
  #describe: () => string = () => "";

  /** Said while the processes load their code. */
  starting(way: WayName): void {
    if (this.#terminal) process.stdout.write(`\r${titles[way].padEnd(15)}  starting\u001b[K`);
  }

  begin(way: WayName, ledger: Ledger, startedAtMs: number): void {
    this.#describe = () => {
      const seconds = ((monotonicMs() - startedAtMs) / 1000).toFixed(1);
      const unreadable = ledger.unreadableReads === 0 ? "" : `, ${ledger.unreadableReads} unreadable reads`;
      return `${titles[way].padEnd(15)}  ${seconds} s  ${ledger.acknowledged} updates acknowledged${unreadable}`;
    };
    this.#timer = setInterval(() => this.#show(), this.#terminal ? 100 : 1_000);
  }

  /** Leaves the last state of the line standing. Idempotent. */
  end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#show();
    if (this.#terminal) process.stdout.write("\n");
  }

  #show(): void {
    process.stdout.write(this.#terminal ? `\r${this.#describe()}\u001b[K` : `${this.#describe()}\n`);
  }
}
