/** The documents and logs that clients share, and the transactions over them. */
import type { Step } from "../../checker/library/index.ts";
import { turns } from "../case.ts";
import type { DocumentDraft, LogDraft, Store, StoreDocument, StoreLog } from "../core.ts";

export interface Register {
  value: string | null;
}

interface List {
  values: string[];
}

interface Line {
  id: string;
}

/** The list that is a log: its values are its records. All others are documents. */
export const ledgerName = "ledger";
export const listNames = ["x", "y", "z", ledgerName] as const;
export const wait = { timeoutMs: 60_000 } as const;

export function logOf(store: Store): StoreLog<Line> {
  return store.log({ name: "events.jsonl", durability: "os" });
}

export function registerOf(store: Store, key: string): StoreDocument<Register> {
  return store.document<Register>({
    name: `registers/${key}.json`,
    defaults: () => ({ value: null }),
    durability: "os",
  });
}

function ledgerOf(store: Store): StoreLog<Line> {
  return store.log({ name: "lists/ledger.jsonl", durability: "os" });
}

function listOf(store: Store, key: string): StoreDocument<List> | StoreLog<Line> {
  if (key === ledgerName) return ledgerOf(store);
  return store.document<List>({
    name: `lists/${key}.json`,
    defaults: () => ({ values: [] }),
    durability: "os",
  });
}

/** Runs a transaction over the lists, and gives what its reads saw. */
export async function performSteps(store: Store, steps: readonly Step[]): Promise<string[][]> {
  const names = [...new Set(steps.map(({ key }) => key))];
  const members = Object.fromEntries(names.map((key) => [key, listOf(store, key)]));
  const { value } = await store.transact(
    members,
    async (drafts) => {
      const lists: string[][] = [];
      const views = new Map(Object.entries(drafts).map(([key, draft]) => [key, new ListDraft(draft)]));
      for (const step of steps) {
        const view = views.get(step.key) as ListDraft;
        if (step.kind === "read") lists.push(await view.values());
        else view.append(step.value);
        await turns();
      }
      return lists;
    },
    wait,
  );
  return value;
}

/** Writes the ledger anew, every record kept, and gives what it saw: to all others it is a read. */
export async function rewriteLedger(store: Store): Promise<string[]> {
  let saw: string[] = [];
  await ledgerOf(store).rewrite((entries) => {
    saw = entries.map(({ record }) => record.id);
    return entries;
  }, wait);
  return saw;
}

/** A list in a transaction, whichever way it is kept. */
class ListDraft {
  readonly #draft: DocumentDraft<List> | LogDraft<Line>;
  readonly #appended: string[] = [];

  constructor(draft: DocumentDraft<List> | LogDraft<Line>) {
    this.#draft = draft;
  }

  append(value: string): void {
    if ("append" in this.#draft) {
      this.#draft.append({ id: value });
      this.#appended.push(value);
    } else this.#draft.draft.values.push(value);
  }

  async values(): Promise<string[]> {
    if (!("append" in this.#draft)) return [...this.#draft.draft.values];
    return [...(await this.#draft.records()).map(({ id }) => id), ...this.#appended];
  }
}
