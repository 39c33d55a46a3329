import { bundledTogether } from "../../harness/bundled.ts";
import { Program, type Ending } from "../../harness/program.ts";
import type { ClientJob } from "./client-program.ts";
import type { Said } from "./said.ts";

const clientProgram = new URL("client-program.ts", import.meta.url);

/** A process that plays clients, until it is killed. */
export class ClientProcess {
  readonly program: Program;
  #onSaid: (said: Said, at: number) => void = () => undefined;
  #done = Promise.withResolvers<void>();

  constructor(program: URL, module: URL) {
    this.program = Program.node(program, [module.href], {
      onLine: (line) => {
        const said = JSON.parse(line) as (Said & { readonly at: number }) | { readonly done: true };
        if ("done" in said) this.#done.resolve();
        else this.#onSaid(said, said.at);
      },
    });
    void this.program.exited.then((ending) => this.#done.reject(endedEarly(ending)));
    this.ready.catch(() => undefined);
  }

  /** It has done what it was told. Rejects once it is gone, and all it said has been heard. */
  get ready(): Promise<void> {
    return this.#done.promise;
  }

  run(job: ClientJob, onSaid: (said: Said, at: number) => void): Promise<void> {
    this.#onSaid = onSaid;
    this.#done = Promise.withResolvers();
    void this.program.exited.then((ending) => this.#done.reject(endedEarly(ending)));
    this.program.tell(JSON.stringify(job));
    return this.ready;
  }
}

function endedEarly({ code, signal, errors }: Ending): Error {
  return new Error(`a client ended with ${code ?? signal}: ${errors}`);
}

/** Processes that outlive a history: starting them takes longer than most histories. */
export class ClientPool {
  readonly #module: URL;
  #idle: ClientProcess[] = [];

  constructor(module: URL) {
    this.#module = module;
  }

  /** So many processes, all of them ready. */
  async take(count: number): Promise<readonly ClientProcess[]> {
    const taken = this.#idle.splice(0, count);
    const [program = clientProgram, module = this.#module] = await bundledTogether([
      clientProgram,
      this.#module,
    ]);
    while (taken.length < count) taken.push(new ClientProcess(program, module));
    await Promise.all(taken.map(({ ready }) => ready));
    return taken;
  }

  giveBack(processes: readonly ClientProcess[]): void {
    this.#idle.push(...processes);
  }

  async close(): Promise<void> {
    const closing = this.#idle.map(({ program }) => {
      program.kill();
      return program.exited;
    });
    this.#idle = [];
    await Promise.all(closing);
  }
}
