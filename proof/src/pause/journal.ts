import { join } from "node:path";
import { mkdirSync } from "node:fs";
import {
  FenceRegister,
  fencingTokens,
  jsonDocument,
  leases,
  type Fence,
  type JsonDocument,
  type Leases,
} from "../harness/core.ts";

/** What was written under the lease, in order. */
export interface Entry {
  readonly by: string;
  readonly token: string;
}

/** A journal that is written under one lease, in a directory of its own. */
export class Journal {
  readonly path: string;
  readonly leases: Leases;
  readonly #document: JsonDocument<Entry[]>;
  readonly #register: FenceRegister;

  constructor(directory: string, leaseMs: number) {
    this.path = join(directory, "journal.json");
    mkdirSync(join(directory, ".flockwork"), { recursive: true });
    const document = (spec: { readonly name: string }): unknown =>
      jsonDocument(join(directory, spec.name), spec as never);
    const store = { transact: undefined, document } as never as Parameters<typeof leases>[0];
    this.leases = leases(store, { leaseMs });
    this.#register = new FenceRegister(document(fencingTokens) as never);
    this.#document = jsonDocument<Entry[]>(this.path, { defaults: () => [], durability: "os" });
  }

  async write(by: string, fence: Fence): Promise<void> {
    await this.#document.update(async (draft) => {
      await this.#register.check(fence);
      draft.push({ by, token: fence.token });
    });
  }

  read(): Promise<readonly Entry[]> {
    return this.#document.read();
  }
}
