import { expectTypeOf, test } from "vitest";
import * as z from "zod";
import type { DocumentReceipt, LogReceipt, Store, StoreDocument, StoreLog } from "../../src/index.ts";

const Task = z.object({ id: z.string(), title: z.string() });
interface Event {
  readonly type: string;
}

/** Never called: what it says is checked by the compiler. */
async function typed(store: Store): Promise<void> {
  const tasks = store.document({
    name: "tasks.json",
    schema: z.object({ tasks: z.array(Task) }),
    defaults: () => ({ tasks: [] }),
    layout: "flowforge",
  });
  expectTypeOf(tasks).toEqualTypeOf<StoreDocument<{ tasks: { id: string; title: string }[] }>>();
  const count = store.document<{ count: number }>({ name: "count.json", defaults: () => ({ count: 0 }) });
  const events = store.log<Event>({ name: "events.jsonl", idOf: (event) => event.type });
  const receipt = await store.transact({ tasks, count, events }, async (tx) => {
    tx.tasks.draft.tasks.push({ id: "1", title: "a" });
    tx.count.draft.count += 1;
    // @ts-expect-error a record of another type
    tx.events.append({ kind: "created" });
    expectTypeOf(await tx.events.records()).toEqualTypeOf<readonly Event[]>();
    expectTypeOf(tx.count.value.count).toEqualTypeOf<number>();
    return 7;
  });
  expectTypeOf(receipt.value).toEqualTypeOf<number>();
  expectTypeOf(receipt.members.events).toEqualTypeOf<LogReceipt>();
  expectTypeOf(receipt.members.count).toEqualTypeOf<DocumentReceipt<{ count: number }>>();
  expectTypeOf(store.log({ name: "a.jsonl", schema: Task })).toEqualTypeOf<
    StoreLog<{ id: string; title: string }>
  >();
}

test("the types of members reach the drafts and receipts of a transact", () => {
  expectTypeOf(typed).returns.resolves.toBeVoid();
});
