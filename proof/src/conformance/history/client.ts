/** One client of a store that does what chance says, and says what it does before and after each step. */
import type { Step } from "../../checker/library/index.ts";
import { Random } from "../../harness/random.ts";
import { turns } from "../case.ts";
import type { Store, StoreLockHold } from "../core.ts";
import {
  ledgerName,
  listNames,
  logOf,
  performSteps,
  registerOf,
  rewriteLedger,
  wait,
  type Register,
} from "./members.ts";
import type { Said, Task } from "./said.ts";

export interface ClientPlan {
  /** Its own name: part of every value it writes. */
  readonly name: string;
  readonly operations: number;
  readonly seed: number;
}

/** Does its operations, one after the other. Throws what no store may throw. */
export async function runClient(store: Store, plan: ClientPlan, say: (said: Said) => void): Promise<void> {
  await new Client(store, plan, say).run();
}

class Client {
  readonly #store: Store;
  readonly #plan: ClientPlan;
  readonly #say: (said: Said) => void;
  readonly #random: Random;
  /** The revision last seen of each register. */
  readonly #revisions = new Map<string, string>();
  #hold: StoreLockHold | undefined;
  #said = 0;

  constructor(store: Store, plan: ClientPlan, say: (said: Said) => void) {
    this.#store = store;
    this.#plan = plan;
    this.#say = say;
    this.#random = new Random(plan.seed);
  }

  async run(): Promise<void> {
    for (let at = 0; at < this.#plan.operations; at += 1) {
      await turns(this.#random.between(0, 2));
      const unique = `${this.#plan.name}.${at}`;
      if (this.#random.next() < 0.1) {
        const owner = { key: "lock", owner: unique };
        await this.#do({ of: "lock", input: { kind: "acquire", ...owner } });
        await turns(this.#random.between(0, 3));
        if (this.#hold !== undefined) await this.#do({ of: "lock", input: { kind: "release", ...owner } });
      } else await this.#do(this.#choose(unique));
    }
  }

  async #do(task: Task): Promise<void> {
    const number = (this.#said += 1);
    this.#say({ begin: number, task });
    try {
      this.#say({ end: number, output: await this.#perform(task) });
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === "ERR_REVISION_CONFLICT") this.#say({ end: number, output: { kind: "conflict" } });
      else if (code === "ERR_LOCK_TIMEOUT") this.#say({ never: number });
      else if (code !== "ERR_COMMIT_UNCERTAIN") throw error;
    }
  }

  #choose(unique: string): Task {
    const kind = this.#random.pick(["register", "register", "register", "log", "lists"]);
    if (kind === "log") {
      if (this.#random.next() < 0.5) return { of: "log", input: { kind: "read", from: 0 } };
      const ids = Array.from({ length: this.#random.between(1, 3) }, (_, at) => `${unique}.${at}`);
      return { of: "log", input: { kind: "append", ids } };
    }
    if (kind === "lists") {
      if (this.#random.next() < 0.1) return { of: "rewrite", input: [{ kind: "read", key: ledgerName }] };
      const steps = Array.from({ length: this.#random.between(1, 3) }, (_, at): Step => {
        const key = this.#random.pick(listNames);
        if (this.#random.next() < 0.5) return { kind: "read", key };
        return { kind: "append", key, value: `${unique}.${at}` };
      });
      return { of: "lists", input: steps };
    }
    const key = this.#random.pick(["a", "b", "c"]);
    const expectedRevision = this.#revisions.get(key);
    const what = this.#random.next();
    if (what < 0.4) return { of: "register", input: { kind: "read", key } };
    const change = { kind: "change", key, value: unique } as const;
    if (what < 0.7 || expectedRevision === undefined) return { of: "register", input: change };
    return { of: "register", input: { ...change, expectedRevision } };
  }

  async #perform(task: Task): Promise<unknown> {
    switch (task.of) {
      case "register":
        return this.#performRegister(task.input);
      case "log": {
        const log = logOf(this.#store);
        if (task.input.kind === "read") {
          return { kind: "records", ids: (await log.read()).map(({ id }) => id) };
        }
        const { position } = await log.appendMany(
          task.input.ids.map((id) => ({ id })),
          wait,
        );
        return { kind: "appended", at: position };
      }
      case "lists":
        return { committed: true, lists: await performSteps(this.#store, task.input) };
      case "rewrite":
        return { committed: true, lists: [await rewriteLedger(this.#store)] };
      case "lock":
        if (task.input.kind === "acquire") {
          this.#hold = undefined;
          this.#hold = await this.#store.lock("lock").acquire("exclusive", wait);
        } else await this.#hold?.release();
        return { done: true };
    }
  }

  async #performRegister(input: Extract<Task, { of: "register" }>["input"]): Promise<unknown> {
    const register = registerOf(this.#store, input.key);
    if (input.kind === "read") {
      const { value, revision } = await register.readWithRevision();
      this.#revisions.set(input.key, revision);
      return { kind: "read", value: value.value, revision };
    }
    let saw: string | null | undefined;
    const recipe = (draft: Register): void => {
      saw = draft.value;
      draft.value = input.value;
    };
    const { expectedRevision } = input;
    const { revision } = await register.update(recipe, { ...wait, expectedRevision });
    this.#revisions.set(input.key, revision);
    return { kind: "changed", revision, saw };
  }
}
