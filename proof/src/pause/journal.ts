import { join } from "node:path";
import { fileStore, leases, type Fence, type Leases, type StoreDocument } from "../harness/core.ts";

/** What was written under the lease, in order. */
export interface Entry {
  readonly by: string;
  readonly token: string;
}

/** A journal that is written under one lease, in a store of its own. */
export class Journal {
  readonly path: string;
  readonly leases: Leases;
  readonly #document: StoreDocument<Entry[]>;

  constructor(directory: string, leaseMs: number) {
    const store = fileStore(directory);
    this.path = join(directory, "journal.json");
    this.leases = leases(store, { leaseMs });
    this.#document = store.document<Entry[]>({ name: "journal.json", defaults: () => [], durability: "os" });
  }

  async write(by: string, fence: Fence): Promise<void> {
    await this.#document.update((draft) => void draft.push({ by, token: fence.token }), { fence });
  }

  read(): Promise<readonly Entry[]> {
    return this.#document.read();
  }
}
