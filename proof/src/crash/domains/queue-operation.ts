import { fileStore, type Clock, type Store } from "@flockwork/core";
import { openQueue, type Claim, type Queue } from "../../../../packages/queue/src/index.ts";
import type { DomainOperation } from "./domain-operation.ts";

export const options = { holder: "prover", retention: { completed: 1 }, leaseMs: 3_600_000 } as const;

/** Jobs that wait, one that was given up, one that is over, and a schedule. */
export async function prepare(directory: string): Promise<void> {
  await withQueue(directory, async (queue) => {
    for (const id of ["a", "b", "c", "d"]) await queue.enqueue({ id }, { id });
    await (await first(queue)).fail("no", { unrecoverable: true });
    await (await first(queue)).complete("done");
    await queue.schedule({ name: "nightly", cron: "0 0 * * *", payload: null });
  });
}

export async function withQueue<R>(
  directory: string,
  work: (queue: Queue, store: Store) => R | Promise<R>,
  clock?: Clock,
): Promise<R> {
  const store = fileStore(directory);
  const queue = openQueue(store, { ...options, clock });
  try {
    return await work(queue, store);
  } finally {
    await queue.close();
    await store.close();
  }
}

export async function first(queue: Queue): Promise<Claim> {
  const [claim] = await queue.claim();
  if (claim === undefined) throw new Error("broken: nothing can be claimed");
  return claim;
}

export function operation(
  name: string,
  run: (queue: Queue, round: number, store: Store) => unknown,
  more: Partial<DomainOperation> = {},
): DomainOperation {
  return {
    name: `queue: ${name}`,
    prepare,
    run: (directory, round) => withQueue(directory, (queue, store) => run(queue, round, store)),
    ...more,
  };
}
