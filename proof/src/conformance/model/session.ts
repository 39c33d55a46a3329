import {
  absentRevision,
  type DocumentDraft,
  type LogReceipt,
  type WholeLogDraft,
  type Fence,
  type Store,
  type StoreDocument,
  type StoreLog,
  type StoreLogCursor,
} from "../core.ts";
import type { Place } from "../subject.ts";
import type { Action, Expected } from "./actions.ts";

type Fields = Record<string, string>;

interface Id {
  readonly id: string;
}

/**
 * Performs a sequence on one store and tells what came of each action in words that must be the same for every store:
 * revisions are numbered in the order they first appear, errors are their codes.
 */
export class Session {
  readonly #place: Place;
  #store: Store;
  readonly #revisions = new Map<number, string[]>();
  #documents = new Map<string, StoreDocument<Fields>>();
  #holds = new Map<string, { release(): Promise<void> }[]>();
  #cursors = new Map<number, { readonly cursor: StoreLogCursor<Id>; seen: string[] }>();

  static async open(place: Place): Promise<Session> {
    return new Session(place, await place.open());
  }

  private constructor(place: Place, store: Store) {
    this.#place = place;
    this.#store = store;
  }

  /** @param at - Position in the sequence: makes what is written unique. */
  async perform(action: Action, at: number): Promise<unknown> {
    try {
      return await this.#perform(action, `${at}`);
    } catch (error) {
      const { code, name } = error as { code?: string; name?: string };
      return { error: code ?? name };
    }
  }

  async close(): Promise<void> {
    for (const holds of this.#holds.values()) for (const hold of holds) await hold.release();
    await this.#store.close();
  }

  async #perform(action: Action, unique: string): Promise<unknown> {
    switch (action.do) {
      case "read": {
        const { value, revision } = await this.#document(action.document, action.handle).readWithRevision();
        return { value, revision: this.#number(action.document, revision) };
      }
      case "read locked":
        return this.#document(action.document, action.handle).readLocked();
      case "write": {
        const value = { [action.field]: unique };
        return this.#receipt(
          action.document,
          this.#document(action.document, action.handle).write(value, this.#when(action)),
        );
      }
      case "update": {
        const recipe = recipes[action.how](action.field, unique);
        return this.#receipt(
          action.document,
          this.#document(action.document, action.handle).update(recipe, this.#when(action)),
        );
      }
      case "remove":
        return this.#document(action.document, 0).remove(this.#when(action));
      case "append": {
        const records: Id[] = action.ids.map(idOf);
        if (action.invalid) records.push({ id: Number.NaN } as unknown as Id);
        const tail = (await this.#log(action.log).read()).length;
        const expectedTail = { none: undefined, right: tail, wrong: tail + 1 }[action.tail];
        const options = { expectedTail, fence: fenceOf(action.token) };
        const { position, nextPosition, changed, duplicates } = await this.#log(action.log).appendMany(
          records,
          options,
        );
        return { position, nextPosition, changed, duplicates };
      }
      case "decide": {
        const { value, position, nextPosition, duplicates } = await this.#log(action.log).transact(
          async (draft) => {
            const before = (await draft.records()).length;
            draft.append(...action.ids.map(idOf));
            if (action.throws) throw new Error("no");
            return { before, tail: draft.tail };
          },
        );
        return { value, position, nextPosition, duplicates };
      }
      case "rewrite": {
        const { position, nextPosition } = await this.#log(action.log).rewrite((entries) => {
          if (action.keep === "every second") return entries.filter((_, index) => index % 2 === 0);
          return action.keep === "none" ? [] : action.keep === "all" ? entries : entries.toReversed();
        });
        return { position, nextPosition };
      }
      case "read log": {
        const entries: unknown[] = [];
        for await (const { position, record } of this.#log(action.log).entries({ from: action.from })) {
          entries.push([position, record]);
        }
        return { entries, all: await this.#log(action.log).read() };
      }
      case "advance":
        return this.#advance(action.log);
      case "transact":
        return this.#transact(action, unique);
      case "take": {
        const hold = await this.#store.lock(`lock${action.lock}`).tryAcquire(action.mode);
        if (hold !== undefined) this.#heldOf(action.lock).push(hold);
        return hold === undefined ? "busy" : "granted";
      }
      case "give back":
        return (await this.#heldOf(action.lock).pop()?.release()) ?? "given back";
      case "list":
        return this.#store.list("");
      case "reopen":
        await this.close();
        this.#store = await this.#place.open();
        this.#documents = new Map();
        this.#holds = new Map();
        this.#cursors = new Map();
        return "reopened";
    }
  }

  async #transact(action: Extract<Action, { do: "transact" }>, unique: string): Promise<unknown> {
    const documents = action.documents.map((each) => [`document${each}`, this.#document(each, 0)] as const);
    const logs = action.logs.map((each) => [`log${each}`, this.#log(each)] as const);
    const { value, changed, members } = await this.#store.transact(
      Object.fromEntries<StoreDocument<Fields> | StoreLog<Id>>([...documents, ...logs]),
      async (drafts) => {
        for (const draft of Object.values(drafts as object) as object[]) {
          if ("append" in draft) await changeLog(draft as WholeLogDraft<Id>, action.toLogs, unique);
          else (draft as DocumentDraft<Fields>).draft[action.field] = unique;
        }
        if (action.throws) throw new Error("no");
        return "done";
      },
      { fence: fenceOf(action.token) },
    );
    const positions = logs.map(([name]) => {
      const { position, nextPosition, duplicates } = (members as Record<string, LogReceipt>)[
        name
      ] as LogReceipt;
      return { position, nextPosition, duplicates };
    });
    return { value, changed, positions };
  }

  async #advance(log: number): Promise<unknown> {
    const known = this.#cursors.get(log) ?? { cursor: this.#log(log).cursor(), seen: [] };
    this.#cursors.set(log, known);
    const advance = await known.cursor.advance({
      apply: ({ id }) => void known.seen.push(id),
      reset: () => void (known.seen = []),
    });
    // How often a log starts anew from where a cursor stood is the store's own affair; what it comes to is not.
    return { position: advance.position, seen: [...known.seen] };
  }

  async #receipt(
    document: number,
    change: Promise<{ readonly value: unknown; readonly revision: string; readonly changed: boolean }>,
  ): Promise<unknown> {
    const { value, revision, changed } = await change;
    return { value, changed, revision: this.#number(document, revision) };
  }

  #document(number: number, handle: number): StoreDocument<Fields> {
    const key = `${number} ${handle}`;
    const known = this.#documents.get(key);
    if (known !== undefined) return known;
    const merge = number === 0 ? "refuse" : this.#store.capabilities.merge ? "fields" : "overwrite";
    const document = this.#store.document<Fields>({
      name: `document${number}.json`,
      defaults: () => ({}),
      merge,
      durability: "os",
    });
    this.#documents.set(key, document);
    return document;
  }

  /** Log 0 is idempotent, log 1 is not. */
  #log(number: number): StoreLog<Id> {
    const spec = { name: `log${number}.jsonl`, durability: "os" } as const;
    return this.#store.log<Id>(number === 0 ? { ...spec, idOf: ({ id }) => id } : spec);
  }

  #heldOf(lock: number): { release(): Promise<void> }[] {
    const held = this.#holds.get(`${lock}`) ?? [];
    this.#holds.set(`${lock}`, held);
    return held;
  }

  #number(document: number, revision: string): number | "absent" {
    if (revision === absentRevision) return "absent";
    const seen = this.#revisions.get(document) ?? [];
    this.#revisions.set(document, seen);
    if (!seen.includes(revision)) seen.push(revision);
    return seen.indexOf(revision);
  }

  #when({ document, expected, token }: { document: number; expected: Expected; token: number }) {
    const seen = this.#revisions.get(document) ?? [];
    const revisions = { none: undefined, last: seen.at(-1), old: seen.at(-2), absent: absentRevision };
    return { expectedRevision: revisions[expected], fence: fenceOf(token) };
  }
}

const recipes = {
  set: (field: string, unique: string) => (draft: Fields) => void (draft[field] = unique),
  nothing: () => () => undefined,
  throw: (field: string, unique: string) => (draft: Fields) => {
    draft[field] = unique;
    throw new Error("no");
  },
  replace: (field: string, unique: string) => () => ({ [field]: unique }),
  invalid: (field: string) => (draft: Fields) => void (draft[field] = Number.NaN as unknown as string),
};

async function changeLog(
  draft: WholeLogDraft<Id>,
  how: Extract<Action, { do: "transact" }>["toLogs"],
  unique: string,
): Promise<void> {
  if (how !== "rewrite") draft.append({ id: unique });
  if (how !== "append") draft.rewrite([...(await draft.entries()).toReversed().slice(1), { id: unique }]);
}

function idOf(number: number): Id {
  return { id: `id ${number}` };
}

function fenceOf(token: number): Fence | undefined {
  return token === -1 ? undefined : { name: "lease", token: `${token}` };
}
