import { Program } from "../harness/program.ts";

/** A program whose clients play one history after the other, until it is killed. */
export class HistoryProgram {
  readonly #program: Program;
  #onLine: (line: string) => void = () => undefined;

  constructor() {
    const onLine = (line: string): void => this.#onLine(line);
    this.#program = Program.node(new URL("history-client.ts", import.meta.url), [], { onLine });
  }

  /** Begins a history. Resolves when it is over; with what the program said when it ended before. */
  play(what: string, onLine: (line: string) => void): Promise<string | undefined> {
    const over = new Promise<undefined>((resolve) => {
      this.#onLine = (line) => (line === "over" ? resolve(undefined) : onLine(line));
    });
    this.#program.tell(what);
    const early = this.#program.exited.then(
      ({ code, signal, errors }) => `a client ended with ${code ?? signal}: ${errors}`,
    );
    return Promise.race([over, early]);
  }

  async kill(): Promise<void> {
    this.#program.kill();
    await this.#program.dead;
  }
}
