import type {
  DocumentOutput,
  LogOutput,
  MutexOutput,
  TransactionOutput,
} from "../../checker/library/index.ts";
import type { DocumentInput, LogInput, MutexInput, Operation, Step } from "../../checker/library/index.ts";
import type { Said, Task } from "./said.ts";

/** What was seen of a store, by kind. */
export interface Histories {
  readonly register: Operation<DocumentInput, DocumentOutput>[];
  readonly log: Operation<LogInput, LogOutput>[];
  readonly lists: Operation<readonly Step[], TransactionOutput>[];
  readonly lock: Operation<MutexInput, MutexOutput>[];
}

interface Noted {
  readonly client: string;
  readonly task: Task;
  readonly begunAt: number;
  endedAt: number;
  output: unknown;
}

/** Takes down what clients say. */
export class Recorder {
  readonly #noted = new Map<string, Noted>();

  note(client: string, said: Said, at: number): void {
    if ("begin" in said) {
      const { begin, task } = said;
      this.#noted.set(`${client} ${begin}`, {
        client,
        task,
        begunAt: at,
        endedAt: Infinity,
        output: undefined,
      });
    } else if ("never" in said) this.#noted.delete(`${client} ${said.never}`);
    else {
      const noted = this.#noted.get(`${client} ${said.end}`);
      if (noted === undefined) throw new Error(`${client} ended what it never began`);
      noted.endedAt = at;
      noted.output = said.output;
    }
  }

  /** The client died, and with it everything it held. Call it once all it said has been noted. */
  noteDeath(client: string, at: number): void {
    let number = 0;
    const before = [...this.#noted.values()];
    for (const { client: owner, task } of before) {
      if (owner !== client || task.of !== "lock" || task.input.kind !== "acquire") continue;
      const end: Task = { of: "lock", input: { ...task.input, kind: "end" } };
      const common = { client, task: end, begunAt: at, endedAt: Infinity, output: undefined };
      this.#noted.set(`${client} death ${(number += 1)}`, common);
    }
  }

  histories(): Histories {
    const all = [...this.#noted.values()];
    const of = (...kinds: readonly Task["of"][]) =>
      all
        .filter(({ task }) => kinds.includes(task.of))
        .map(({ client, task, begunAt, endedAt, output }) => ({
          client,
          input: task.input,
          output,
          begunAt,
          endedAt,
        }));
    // Each kind of task is answered as its checker expects: the client sees to it.
    return {
      register: of("register"),
      log: of("log"),
      lists: of("lists", "rewrite"),
      lock: of("lock"),
    } as unknown as Histories;
  }
}
