import { memoryStore } from "@flockwork/core";
import { describe, expect, test } from "vitest";
import type { EnqueueOptions } from "../src/enqueue-options.ts";
import { openMailQueues, openNudgeQueue, openQueue } from "../src/index.ts";
import { openTestQueue, temporaryStore } from "./support/queue-directory.ts";

const wrong = (value: unknown): never => value as never;

describe("what is refused before anything is written", () => {
  const options: readonly (readonly [string, EnqueueOptions])[] = [
    ["a delay that ends after all dates", { delayMs: 1e300 }],
    ["a delay that is no number", { delayMs: wrong("5") }],
    ["a date that is none", { runAt: wrong(null) }],
    ["a date that is a truth", { runAt: wrong(true) }],
    ["a backoff of texts", { backoff: { baseMs: wrong("1000") } }],
    ["a backoff without end", { backoff: { maxMs: Infinity } }],
    ["a backoff of an unknown kind", { backoff: { kind: wrong("linear") } }],
    ["a backoff that never grows", { backoff: { factor: Number.NaN } }],
  ];
  test.each(options)("%s", async (_, option) => {
    const queue = openTestQueue(temporaryStore().store);
    await expect(queue.enqueue(1, option)).rejects.toThrow(/delayMs|runAt|backoff/);
    expect((await queue.stats()).waiting).toBe(0);
  });

  test("a directory that is no string, though it could be written like one", () => {
    const { store } = temporaryStore();
    for (const directory of [["jobs"], { toString: () => "jobs" }, 5]) {
      const refused = /directory must be a string/;
      expect(() => openQueue(store, { directory: wrong(directory) })).toThrow(refused);
      expect(() => openQueue(store, { format: "plain", directory: wrong(directory) })).toThrow(refused);
      expect(() => openMailQueues(store, { directory: wrong(directory) })).toThrow(refused);
      expect(() => openNudgeQueue(store, "max", { directory: wrong(directory) })).toThrow(refused);
    }
  });

  test("capabilities that are one text, which would be its letters", async () => {
    const queue = openTestQueue(temporaryStore().store);
    await expect(queue.claim({ capabilities: "gpu" })).rejects.toThrow(/capabilities must be a list/);
    expect(() => queue.worker(() => 1, { capabilities: wrong("gpu") })).toThrow(/capabilities/);
  });

  test("an id that is no string, though it could be written like one", async () => {
    const queue = openTestQueue(temporaryStore().store);
    const { id } = await queue.enqueue(1, { id: "job" });
    for (const odd of [[id], { toString: () => id }, Symbol(id), null]) {
      await expect(queue.cancel(wrong(odd))).rejects.toThrow(/id must be a string, got/);
      await expect(queue.redrive([wrong(odd)])).rejects.toThrow(/id must be a string, got/);
    }
    expect(await queue.get(id)).toMatchObject({ state: "waiting" });
  });

  test("a lease, a retry and a rest that no date can say; the claim stays", async () => {
    const queue = openTestQueue(temporaryStore().store);
    await queue.enqueue(1);
    await expect(queue.claim({ leaseMs: 1e300 })).rejects.toThrow(/leaseMs/);
    const [claim] = await queue.claim();
    await expect(claim?.fail("no", { delayMs: Number.NaN })).rejects.toThrow(/delayMs/);
    await expect(claim?.release({ delayMs: Infinity })).rejects.toThrow(/delayMs/);
    await claim?.complete();
  });

  test("a state that there is not, ids that are no list, and a store without files", async () => {
    const queue = openTestQueue(temporaryStore().store);
    await expect(queue.list(wrong("waitin"))).rejects.toThrow(/state must be one of/);
    await expect(queue.redrive(wrong("abc"))).rejects.toThrow(/ids must be an array/);
    expect(() => openTestQueue(memoryStore())).toThrow(expect.objectContaining({ code: "ERR_UNSUPPORTED" }));
  });
});

test("what is thrown and can be no text fails its attempt all the same", async () => {
  const queue = openTestQueue(temporaryStore().store);
  const { id } = await queue.enqueue(1, { maxAttempts: 1 });
  const [claim] = await queue.claim();
  await claim?.fail(Object.create(null));
  expect(await queue.get(id)).toMatchObject({ state: "dead", error: { message: "[object Object]" } });
});
