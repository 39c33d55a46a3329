import { memoryStore, type StoreDocument } from "@flockwork/core";
import { expect, it } from "vitest";
import { ChangeQueue } from "../src/change-queue.ts";
import { TaskFormatError } from "../src/errors.ts";

interface Counts {
  n: number;
  seen: string[];
}

function queueOf(): { queue: ChangeQueue<Counts, Counts>; document: StoreDocument<Counts> } {
  const document = memoryStore().document<Counts>({
    name: "counts.json",
    defaults: () => ({ n: 0, seen: [] }),
  });
  return { queue: new ChangeQueue<Counts, Counts>(document, (draft) => draft), document };
}

const add = (name: string) => (draft: Counts) => {
  draft.n += 1;
  draft.seen.push(name);
};

/** Throws half-way. */
const fail = (error: Error) => (draft: Counts) => {
  draft.n += 100;
  throw error;
};

it("a change that throws half-way leaves nothing, and its neighbours are made in the order they were asked for", async () => {
  const { queue, document } = queueOf();
  const outcomes = await Promise.allSettled([
    queue.submit(add("a")),
    queue.submit(fail(new RangeError("half-way"))),
    queue.submit(add("b")),
    queue.submit(add("c")),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  expect(outcomes[1]).toMatchObject({ reason: { message: "half-way" } });
  expect(await document.read()).toEqual({ n: 3, seen: ["a", "b", "c"] });
});

it("a change that is alone leaves nothing whatever it throws", async () => {
  for (const error of [new RangeError("half-way"), new TaskFormatError("counts.json", "is odd")]) {
    const { queue, document } = queueOf();
    await queue.submit(add("a"));
    await expect(queue.submit(fail(error))).rejects.toBe(error);
    expect(await document.read()).toEqual({ n: 1, seen: ["a"] });
  }
});

it("a change that refuses costs its neighbours no recipe of their own", async () => {
  const { queue, document } = queueOf();
  let made = 0;
  const counted = (draft: Counts): void => {
    made += 1;
    add("a")(draft);
  };
  const refuse = (): never => {
    throw new TaskFormatError("counts.json", "is odd");
  };
  const outcomes = await Promise.allSettled([
    queue.submit(counted),
    queue.submit(refuse),
    queue.submit(counted),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(made).toBe(2);
  expect(await document.read()).toEqual({ n: 2, seen: ["a", "a"] });
});
