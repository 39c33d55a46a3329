import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { AsyncLocalStorage } from "node:async_hooks";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonlLog } from "../../src/log/jsonl-log.ts";
import { realFileSystem, substituteFileSystem } from "../../src/platform/file-system.ts";
import { countingCalls } from "../atomic/faults.ts";
import { namesIn, temporaryDirectory, Worker } from "../atomic/surroundings.ts";

const newPath = (): string => join(temporaryDirectory(), "events.jsonl");

describe("transact", () => {
  it("decides from what the log says and appends, and gives back what was decided", async () => {
    const log = jsonlLog<{ n: number }>(newPath());
    await log.append({ n: 1 });
    const result = await log.transact((transaction) => {
      expect(transaction.size).toBe(8);
      const next = transaction.records().length + 1;
      transaction.append({ n: next }, { n: next + 1 });
      return `decided ${next}`;
    });
    expect(result).toMatchObject({
      value: "decided 2",
      changed: true,
      durability: "disk",
      offset: 8,
      nextOffset: 24,
    });
    expect(await log.read()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it("a decision that appends nothing writes nothing, and creates nothing", async () => {
    const path = newPath();
    const { result, calls } = await countingCalls(() => jsonlLog(path).transact(() => "nothing to do"));
    expect(result).toMatchObject({ value: "nothing to do", changed: false, offset: 0, nextOffset: 0 });
    expect(
      calls.filter((call) => call.startsWith("write") || (call.startsWith("f") && call.endsWith("sync"))),
    ).toEqual([]);
    expect(namesIn(join(path, ".."))).toEqual([]);
  });

  it("64 concurrent decisions share one hold of the lock and one sync, and each sees those before it", async () => {
    const log = jsonlLog<{ n: number }>(newPath());
    await log.append({ n: 0 });
    const { result, calls } = await countingCalls(() =>
      Promise.all(
        Array.from({ length: 64 }, () =>
          log.transact((transaction) => {
            const n = transaction.records().length;
            transaction.append({ n });
            return n;
          }),
        ),
      ),
    );
    expect(calls.filter((call) => call === "fdatasync")).toHaveLength(1);
    expect(result.map(({ value }) => value)).toEqual(Array.from({ length: 64 }, (_, at) => at + 1));
    expect((await log.read()).map(({ n }) => n)).toEqual(Array.from({ length: 65 }, (_, at) => at));
  });

  it("decisions and appends keep their order", async () => {
    const log = jsonlLog<string>(newPath());
    const seen: (readonly string[])[] = [];
    await Promise.all([
      log.append("a"),
      log.transact((transaction) => {
        seen.push(transaction.records());
        transaction.append("b");
      }),
      log.append("c"),
      log.transact((transaction) => void seen.push(transaction.records())),
    ]);
    expect(seen).toEqual([["a"], ["a", "b", "c"]]);
  });

  it("a decision that throws appends nothing and leaves its neighbours alone", async () => {
    const log = jsonlLog<string>(newPath());
    const broken = new Error("broken");
    const outcomes = await Promise.allSettled([
      log.append("a"),
      log.transact((transaction) => {
        transaction.append("never");
        throw broken;
      }),
      log.transact(async (transaction) => {
        transaction.append("never");
        await Promise.resolve();
        throw broken;
      }),
      log.transact((transaction) => transaction.append(7n as never)),
      log.append("b"),
    ]);
    expect(outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason : "done"))).toEqual([
      "done",
      broken,
      broken,
      expect.objectContaining({ code: "ERR_RECORD_INVALID" }),
      "done",
    ]);
    expect(await log.read()).toEqual(["a", "b"]);
  });

  it("an asynchronous decision keeps the lock until it is made", async () => {
    const path = newPath();
    const log = jsonlLog<string>(path);
    const order: string[] = [];
    const slow = log.transact(async (transaction) => {
      await new Promise(setImmediate);
      order.push("decided");
      transaction.append("slow");
    });
    await new Promise<void>((resolve) => process.nextTick(resolve));
    await Promise.resolve();
    expect(() => log.appendSync("sync")).toThrow(expect.objectContaining({ code: "ERR_LOCK_REENTRY" }));
    await Promise.all([slow, log.append("quick").then(() => order.push("appended"))]);
    expect(order).toEqual(["decided", "appended"]);
    expect(await log.read()).toEqual(["slow", "quick"]);
  });

  it("using the log's own lock inside a decision fails at once instead of waiting for itself", async () => {
    const log = jsonlLog<string>(newPath());
    await log.transact(async () => {
      await expect(log.append("x")).rejects.toMatchObject({ code: "ERR_LOCK_REENTRY" });
      await expect(log.rewrite(() => [])).rejects.toMatchObject({ code: "ERR_LOCK_REENTRY" });
      expect(() => log.appendSync("x")).toThrow(expect.objectContaining({ code: "ERR_LOCK_REENTRY" }));
    });
    await log.append("after");
    expect(await log.read()).toEqual(["after"]);
  });

  it("a decision runs in its caller's async context", async () => {
    const context = new AsyncLocalStorage<string>();
    const log = jsonlLog<string>(newPath());
    const seen = await Promise.all(
      ["one", "two"].map((name) => context.run(name, () => log.transact(() => context.getStore()))),
    );
    expect(seen.map(({ value }) => value)).toEqual(["one", "two"]);
  });

  it("a transaction that is over takes no more records", async () => {
    const log = jsonlLog<string>(newPath());
    const { value } = await log.transact((transaction) => transaction);
    expect(() => value.append("late")).toThrow(TypeError);
    expect(() => value.records()).toThrow(TypeError);
  });

  it("P3: resolves only after its records are durable", async () => {
    const log = jsonlLog<string>(newPath());
    await log.append("warm");
    let synced = false;
    const restore = substituteFileSystem({
      fdatasync: async (fd) => {
        await realFileSystem.fdatasync(fd);
        synced = true;
      },
    });
    try {
      await log.transact((transaction) => transaction.append("x"));
      expect(synced).toBe(true);
    } finally {
      restore();
    }
  });

  it("sees a log without the torn tail it moved aside", async () => {
    const path = newPath();
    writeFileSync(path, '"whole"\n"torn"');
    const { value, quarantined } = await jsonlLog<string>(path).transact((transaction) =>
      transaction.records(),
    );
    expect(value).toEqual(["whole"]);
    expect(readFileSync(quarantined?.path ?? "", "utf8")).toBe('"torn"');
    appendFileSync(path, '"next"\n');
    expect(readFileSync(path, "utf8")).toBe('"whole"\n"next"\n');
  });
});

describe("transact in many processes", () => {
  const fixture = new URL("fixtures/claim-in-turn.ts", import.meta.url);

  it("Q1, T9: 6 processes hand out every number once and in order", async () => {
    const path = newPath();
    const count = 600;
    const workers = Array.from(
      { length: 6 },
      (_, at) => new Worker(fixture, path, `process-${at}`, String(count), at % 2 === 0 ? "8" : "1"),
    );
    expect(await Promise.all(workers.map((worker) => worker.exit()))).toEqual(workers.map(() => 0));
    const claimed = await jsonlLog<{ number: number }>(path).read();
    expect(claimed.map(({ number }) => number)).toEqual(Array.from({ length: count }, (_, number) => number));
    const told = workers.flatMap((worker) => worker.messages.filter((message) => message !== "done"));
    expect(told.toSorted((a, b) => Number(a) - Number(b))).toEqual(claimed.map(({ number }) => number));
  });

  it("T2: killed at random, no acknowledged claim is lost and none is handed out twice", async () => {
    const path = newPath();
    const claims = new Map<number, string>();
    for (let round = 0; round < 4; round += 1) {
      const workers = Array.from(
        { length: 3 },
        (_, at) => new Worker(fixture, path, `r${round}-${at}`, "100000", at === 0 ? "8" : "1"),
      );
      await Promise.all(
        workers.map(async (worker, at) => {
          while (worker.messages.length < 5 + ((round * 11 + at * 7) % 30)) await worker.message();
          await worker.kill();
          for (const message of worker.messages) {
            expect(claims.has(Number(message))).toBe(false);
            claims.set(Number(message), `r${round}-${at}`);
          }
        }),
      );
    }
    const log = jsonlLog<{ by: string; number: number }>(path);
    await log.transact(() => undefined, { timeoutMs: 1_000 });
    const records = await log.read();
    records.forEach(({ number }, at) => expect(number).toBe(at));
    for (const [number, by] of claims) expect(records[number]?.by).toBe(by);
  });
});
