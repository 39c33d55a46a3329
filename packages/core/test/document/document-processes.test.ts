import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { jsonDocument } from "../../src/document/json-document.ts";
import { namesIn, temporaryDirectory, Worker } from "../atomic/surroundings.ts";

interface Shared {
  total: number;
  by: Record<string, number>;
  padding: string;
}

const fixture = new URL("./fixtures/add-many.ts", import.meta.url);
const processes = 8;

it("P1, P4: 8 processes add exactly, and a reader without a lock never sees a torn or mixed document", async () => {
  const each = 100;
  const directory = temporaryDirectory();
  const path = join(directory, "shared.json");
  writeFileSync(path, JSON.stringify({ total: 0, by: {}, padding: "0".repeat(2_000) }));
  const doc = jsonDocument<Shared>(path);
  const workers = Array.from(
    { length: processes },
    (_, index) => new Worker(fixture, path, `p${index}`, `${each}`),
  );
  const all = Promise.all(workers.map((worker) => worker.exit()));
  let finished = false;
  void all.finally(() => (finished = true));

  const seen = new Set<number>();
  let last = 0;
  while (!finished) {
    for (const value of [doc.readSync(), await doc.read()]) {
      const sum = Object.values(value.by).reduce((total, count) => total + count, 0);
      expect(value.total).toBe(sum);
      expect(value.padding).toBe(`${value.total}`.repeat(2_000));
      expect(value.total).toBeGreaterThanOrEqual(last);
      last = value.total;
      seen.add(last);
    }
    await setImmediate();
  }

  expect(await all).toEqual(Array.from({ length: processes }, () => 0));
  const { total, by } = JSON.parse(readFileSync(path, "utf8")) as Shared;
  expect(total).toBe(processes * each);
  expect(Object.values(by)).toEqual(Array.from({ length: processes }, () => each));
  expect(seen.size).toBeGreaterThan(10);
  expect(namesIn(directory)).toEqual(["shared.json"]);
});

it("P2, P6: processes killed while they write leave a whole document, and the lock is free", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "shared.json");
  writeFileSync(path, JSON.stringify({ total: 0, by: {}, padding: "0".repeat(2_000) }));
  const doc = jsonDocument<Shared>(path);
  for (let round = 0; round < 8; round += 1) {
    const worker = new Worker(fixture, path, "killed", "1000000");
    const before = doc.readSync().total;
    while (doc.readSync().total <= before + round) await setImmediate();
    await worker.kill();
    const { value } = await doc.update((draft) => void (draft.by["us"] = round), { timeoutMs: 5_000 });
    expect(value.padding).toBe(`${value.total}`.repeat(2_000));
    expect(value.by["killed"]).toBe(value.total);
  }
});
