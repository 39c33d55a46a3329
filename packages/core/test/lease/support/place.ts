import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { jsonDocument, type JsonDocument } from "../../../src/document/json-document.ts";
import { FenceRegister, fencingTokens } from "../../../src/lease/fence-register.ts";
import type { Fence } from "../../../src/lease/fence.ts";
import type { Store } from "../../../src/store/store.ts";

/** What was written under leases, in order. */
export interface Written {
  readonly by: string;
  readonly token: string;
}

/** Leases, and a journal that is written under them, in one directory. */
export class Place {
  readonly directory: string;
  readonly store: Store;
  readonly journalPath: string;
  readonly leasesPath: string;
  readonly tokensPath: string;

  constructor(directory: string) {
    this.directory = directory;
    this.leasesPath = join(directory, "leases.json");
    this.journalPath = join(directory, "journal.json");
    this.tokensPath = join(directory, fencingTokens.name);
    mkdirSync(dirname(this.tokensPath), { recursive: true });
    const document = (spec: { readonly name: string }): unknown =>
      jsonDocument(join(directory, spec.name), spec as never);
    this.store = { transact: undefined, document } as never;
  }

  /** Adds an entry under a lease: the fence is checked while the lock of the journal is held. */
  async write(by: string, fence: Fence): Promise<void> {
    const register = new FenceRegister(this.store.document(fencingTokens));
    await this.#journal().update(async (draft) => {
      await register.check(fence);
      draft.push({ by, token: fence.token });
    });
  }

  written(): Promise<readonly Written[]> {
    return this.#journal().read();
  }

  #journal(): JsonDocument<Written[]> {
    return jsonDocument<Written[]>(this.journalPath, { defaults: () => [], durability: "os" });
  }
}
