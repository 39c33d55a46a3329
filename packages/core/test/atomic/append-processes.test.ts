import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { appendLines } from "../../src/atomic/append-lines.ts";
import { namesIn, temporaryDirectory, Worker } from "./surroundings.ts";

const fixture = new URL("fixtures/append-in-turn.ts", import.meta.url);

/** Every line must be one that some process wrote, whole, and both lines of a call must stand together. */
function callsIn(path: string): Map<string, number> {
  const lines = readFileSync(path, "utf8").split("\n");
  expect(lines.pop()).toBe("");
  const calls = new Map<string, number>();
  for (let at = 0; at < lines.length; at += 2) {
    const first = /^(\S+ \d+) first x*$/.exec(lines[at] ?? "");
    expect(first, `line ${at + 1}: ${lines[at]}`).not.toBeNull();
    expect(lines[at + 1]).toBe(`${first?.[1]} last`);
    calls.set(first?.[1] ?? "", (calls.get(first?.[1] ?? "") ?? 0) + 1);
  }
  return calls;
}

describe("many processes appending to one file", () => {
  it("T9: 8 processes, sync and async, one caller and many: every line once, none torn or fused", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "events.log");
    const count = 150;
    const workers = Array.from({ length: 8 }, (_, at) => {
      const style = at % 4 === 3 ? "sync" : "async";
      return new Worker(fixture, path, `process-${at}`, String(count), at % 2 === 0 ? "16" : "1", style);
    });
    expect(await Promise.all(workers.map((worker) => worker.exit()))).toEqual(workers.map(() => 0));
    const calls = callsIn(path);
    expect(calls.size).toBe(8 * count);
    expect([...calls.values()].every((times) => times === 1)).toBe(true);
    expect(namesIn(directory)).toEqual(["events.log"]);
  });

  it("T2, P3: processes killed at random lose no acknowledged line, and tear at most the tail", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "events.log");
    const acknowledged = new Set<string>();
    let kills = 0;
    for (let round = 0; round < 5; round += 1) {
      const workers = Array.from({ length: 3 }, (_, at) => {
        const name = `round-${round}-${at}`;
        return { name, worker: new Worker(fixture, path, name, "100000", at === 0 ? "16" : "1") };
      });
      await Promise.all(
        workers.map(async ({ name, worker }) => {
          const enough = 1 + ((round * 13 + name.length * 3) % 40);
          while (worker.messages.length < enough) await worker.message();
          await worker.kill();
          kills += 1;
          for (const number of worker.messages) acknowledged.add(`${name} ${String(number)}`);
        }),
      );
    }
    await appendLines(path, ["after 0 first ", "after 0 last"], { timeoutMs: 1_000 }); // every lock is free
    const calls = callsIn(path);
    for (const call of acknowledged) expect(calls.get(call), call).toBe(1);
    expect(kills).toBe(15);
    expect(acknowledged.size).toBeGreaterThan(50);
    for (const name of readdirSync(directory)) expect(name).toMatch(/^events\.log(\.lock.*|\.torn-.*)?$/);
  });
});
