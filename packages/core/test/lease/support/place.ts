import { join } from "node:path";

import { fencingTokens } from "../../../src/lease/fence-register.ts";
import type { Fence } from "../../../src/lease/fence.ts";
import { fileStore } from "../../../src/store/file-store.ts";
import type { StoreDocument } from "../../../src/store/store-document.ts";
import type { Store } from "../../../src/store/store.ts";

/** What was written under leases, in order. */
export interface Written {
  readonly by: string;
  readonly token: string;
}

/** Leases, and a journal that is written under them, in one store. */
export class Place {
  readonly directory: string;
  readonly store: Store;
  readonly leasesPath: string;
  readonly tokensPath: string;
  readonly #journal: StoreDocument<Written[]>;

  constructor(directory: string) {
    this.directory = directory;
    this.store = fileStore(directory);
    this.leasesPath = join(directory, "leases.json");
    this.tokensPath = join(directory, fencingTokens.name);
    this.#journal = this.store.document<Written[]>({
      name: "journal.json",
      defaults: () => [],
      durability: "os",
    });
  }

  /** Adds an entry under a lease. */
  async write(by: string, fence: Fence): Promise<void> {
    await this.#journal.update((draft) => void draft.push({ by, token: fence.token }), { fence });
  }

  written(): Promise<readonly Written[]> {
    return this.#journal.read();
  }
}
