import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Clock, Store, StoreDocument, WaitOptions } from "@flockwork/core";
import { checkIsText } from "./task.ts";

/** What one session leaves for the next: an entry of exarp's `.todo2/handoffs.json`. Fields that are not listed here are kept. */
export interface Todo2Handoff {
  readonly id: string;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly host: string;
  readonly summary: string;
  readonly blockers: readonly unknown[];
  readonly next_steps: readonly unknown[];
  readonly git_status: Readonly<Record<string, unknown>>;
  readonly tasks_in_progress: readonly unknown[];
  /** Missing for one that is open. */
  readonly status?: string | undefined;
}

/** What is left. What is not given is empty. */
export type NewTodo2Handoff = Pick<Todo2Handoff, "summary"> &
  Partial<Omit<Todo2Handoff, "id" | "timestamp" | "summary">> &
  Readonly<Record<string, unknown>>;

interface HandoffFile {
  handoffs: Todo2Handoff[];
}

/** exarp keeps that many; the oldest ones go. */
const kept = 20;

/** The handoffs of a project, each change of them under a lock and in one step. exarp itself takes none. */
export class Todo2Handoffs {
  readonly #document: StoreDocument<HandoffFile>;
  readonly #clock: Clock;

  constructor(files: Store, clock: Clock) {
    this.#clock = clock;
    this.#document = files.document<HandoffFile>({
      name: ".todo2/handoffs.json",
      layout: "todo2",
      finalNewline: false,
      defaults: () => ({ handoffs: [] }),
      schema: {
        "~standard": {
          version: 1,
          vendor: "flockwork",
          validate: (value) =>
            Array.isArray((value as Partial<HandoffFile> | null)?.handoffs)
              ? { value: value as HandoffFile }
              : { issues: [{ message: "not exarp's handoffs: expected a list", path: ["handoffs"] }] },
        },
      },
    });
  }

  /** The last 20, the last one last. Takes no lock. */
  async list(): Promise<readonly Todo2Handoff[]> {
    return (await this.#document.read()).handoffs as readonly Todo2Handoff[];
  }

  /** Leaves one, and drops the oldest of more than 20. */
  async add(handoff: NewTodo2Handoff, options?: WaitOptions): Promise<Todo2Handoff> {
    if (typeof handoff.summary !== "string" || handoff.summary === "")
      throw new TypeError("summary must be a non-empty string");
    const now = new Date(this.#clock.now());
    const added: Todo2Handoff = {
      host: hostname(),
      blockers: [],
      next_steps: [],
      git_status: {},
      tasks_in_progress: [],
      ...handoff,
      // exarp's own ids are alike for all of one second.
      id: `handoff-${Math.floor(now.getTime() / 1_000)}-${randomBytes(3).toString("hex")}`,
      timestamp: now.toISOString(),
    };
    await this.#document.update((draft) => {
      draft.handoffs = [...draft.handoffs, added].slice(-kept);
    }, options);
    return added;
  }

  /** Sets the status of some, as exarp's `close` and `approve` do. @returns How many there were. */
  setStatus(ids: readonly string[], status: string, options?: WaitOptions): Promise<number> {
    return this.#each(ids, options, (draft, at) => {
      const handoff = draft.handoffs[at];
      if (handoff !== undefined) draft.handoffs[at] = { ...handoff, status };
    });
  }

  /** @returns How many there were. */
  remove(ids: readonly string[], options?: WaitOptions): Promise<number> {
    return this.#each(ids, options, (draft, at) => void draft.handoffs.splice(at, 1));
  }

  /** From the end, so that the places of what comes before stay. */
  async #each(
    ids: readonly string[],
    options: WaitOptions | undefined,
    act: (draft: HandoffFile, at: number) => void,
  ): Promise<number> {
    checkIds(ids);
    let found = 0;
    await this.#document.update((draft) => {
      found = 0;
      for (let at = draft.handoffs.length - 1; at >= 0; at -= 1) {
        const id = (draft.handoffs[at] as Partial<Todo2Handoff> | null | undefined)?.id;
        if (id === undefined || !ids.includes(id)) continue;
        act(draft, at);
        found += 1;
      }
    }, options);
    return found;
  }
}

/** A text would be searched for ids, and what is no text would be found nowhere. @throws {TypeError} */
function checkIds(ids: unknown): void {
  if (!Array.isArray(ids)) throw new TypeError(`ids must be a list of ids, got ${typeof ids}`);
  for (const id of ids as readonly unknown[]) checkIsText(id);
}
