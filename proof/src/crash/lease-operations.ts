import { deepEqual, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import {
  compareFencingTokens,
  fileStore,
  leases,
  StaleFencingTokenError,
  type Leases,
  type Store,
  type StoreDocument,
} from "../harness/core.ts";
import { changing, documentName, type Rounds } from "./contents.ts";
import type { CrashOperation } from "./crash-operation.ts";
import { clockOff } from "./domains/later.ts";
import { stagedFilesIn } from "./verify.ts";

const hourMs = 3_600_000;
const name = "build";

let hours = 0;

/** Every time by a clock that is an hour further: what somebody left without giving it back has ended. */
function open(
  directory: string,
  holder: string,
  aheadMs = 0,
): { readonly store: Store; readonly document: StoreDocument<Rounds>; readonly held: Leases } {
  hours += 1;
  const store = fileStore(directory);
  const document = store.document<Rounds>({ name: documentName });
  const clock = clockOff(hours * hourMs + aheadMs);
  return { store, document, held: leases(store, { clock, holder }) };
}

async function writeUnderLease(directory: string, round: number): Promise<void> {
  const { document, held } = open(directory, "ada");
  const lease = await held.acquire(name);
  try {
    await document.update((draft) => void (draft.rounds = round), { fence: lease.fence });
    await lease.renew();
  } finally {
    await lease.release();
  }
}

/** Somebody else, long after: has the lease with a higher token, and from then on the token of the dead writes nothing. */
async function succeed(directory: string): Promise<void> {
  const { document, held } = open(directory, "bob", 1_000 * hourMs);
  const before = await held.inspect(name);
  const isWritten = (await document.read()).rounds > 0;
  ok(!isWritten || before !== undefined, "something was written under a lease that nobody was granted");
  const lease = await held.acquire(name);
  ok(before === undefined || compareFencingTokens(lease.token, before.token) > 0, "its token is higher");
  if (before !== undefined) {
    const stale = { name, token: before.token };
    await rejects(
      document.update((draft) => void (draft.rounds = -2), { fence: stale }),
      StaleFencingTokenError,
    );
  }
  await document.update((draft) => void (draft.rounds = -1), { fence: lease.fence });
  await lease.release();
  const register = join(directory, ".flockwork");
  deepEqual(stagedFilesIn(register), [], "staged files of the register");
}

/** A lease, from its grant until it is given back, and what is written under it. */
export const leaseOperations: readonly CrashOperation[] = [
  {
    ...changing,
    name: "leases.acquire, a fenced change, Lease.renew, Lease.release",
    inSteps: true,
    onlyChanging: true,
    run: writeUnderLease,
    follow: succeed,
  },
];
