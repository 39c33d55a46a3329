import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkerOf } from "../src/checker/checker.ts";
import {
  casRegister,
  checkHistory,
  checkLog,
  checkQueue,
  checkTransactions,
  documentModel,
  explain,
  isLinearizableByDefinition,
  judge,
  mutex,
  shrink,
  timelineHtml,
  type History,
  type LogHistory,
  type MutexInput,
  type MutexOutput,
  type Operation,
  type QueueHistory,
  type RegisterInput,
  type RegisterOutput,
  type TransactionHistory,
} from "../src/checker/library/index.ts";
import { registerCorruptions } from "../src/checker/library/trials/register-corruptions.ts";
import { inventRegister, inventRegisterNonsense } from "../src/checker/library/trials/register-trials.ts";
import { forgetAnswer, leaveOut } from "../src/checker/library/shrink.ts";
import { Random } from "../src/harness/random.ts";
import { examine } from "./support/examine.ts";

type RegisterOperation = Operation<RegisterInput, RegisterOutput>;
const seeded = (seed: number): (() => number) => {
  const random = new Random(seed);
  return () => random.next();
};
const span = (begunAt: number, endedAt: number) => ({ client: "c", begunAt, endedAt });
const read = (begunAt: number, endedAt: number, saw: string | null): RegisterOperation => ({
  ...span(begunAt, endedAt),
  input: { kind: "read" },
  output: { saw },
});
const write = (begunAt: number, endedAt: number, value: string): RegisterOperation => ({
  ...span(begunAt, endedAt),
  input: { kind: "write", value },
  output: endedAt === Infinity ? undefined : { done: true },
});

test("T10: recorded histories of a document are linearizable, and the checkers reject every corruption", async (context) => {
  const recording = { clients: 3, operations: 30, kills: 1 };
  const tally = await examine(context, (part) =>
    checkerOf(part, { recordings: 1, recording, invented: 30, crossChecks: 1_500 }),
  );
  expect(tally.counted("rejected")).toBe(tally.counted("corrupted"));
  expect(tally.counted("corrupted")).toBeGreaterThan(450);
});

test("T10: a write nobody answered may take effect late, or never, but not twice", () => {
  const silent = write(0, Infinity, "x");
  const verdict = (...reads: RegisterOperation[]) => judge(casRegister(), [silent, ...reads]).verdict;
  expect(verdict(read(5, 6, null), read(10, 11, "x"))).toBe("linearizable");
  expect(verdict(read(5, 6, null), read(10, 11, null))).toBe("linearizable");
  expect(verdict(read(5, 6, "x"), read(10, 11, null))).toBe("not linearizable");
});

test("T10: the register examples of porcupine's README are judged as they are there", () => {
  const common = [write(0, 100, "100"), read(25, 75, "100")];
  expect(judge(casRegister("0"), [...common, read(30, 60, "0")]).verdict).toBe("linearizable");
  const wrong = [write(0, 100, "200"), read(10, 30, "200"), read(40, 90, "0")];
  expect(judge(casRegister("0"), wrong).verdict).toBe("not linearizable");
});

test("T10: keys are judged apart, and the verdict names the one that is wrong", () => {
  const of = (key: string, operation: RegisterOperation) => ({
    ...operation,
    input: { ...operation.input, key },
  });
  const history = [of("a", write(0, 1, "x")), of("b", write(0, 1, "y")), of("b", read(2, 3, "x"))];
  const { verdict, culprit, parts } = judge(casRegister(), history);
  expect([verdict, culprit?.key, parts.length]).toEqual(["not linearizable", "b", 2]);
});

test("T10: past its step limit the checker says that it does not know", () => {
  const reads = Array.from({ length: 12 }, () => read(0, 9, null));
  expect(judge(casRegister(), reads, { stepLimit: 5 }).verdict).toBe("unknown");
});

test("T10: a history that cannot be one is refused, and the operation named", () => {
  expect(() => checkHistory([read(3, 2, null)])).toThrow(/operation 0 \(of c\) ends before it begins/);
  expect(() => checkHistory([read(0, Infinity, null)])).toThrow(/an answer and an end, or neither/);
});

test("T10: two holders, a token that falls and a release by a stranger are no history of a lock", () => {
  const acquire = (at: number, owner: string, token: bigint, done = true) => ({
    ...span(at, at + 1),
    input: { kind: "acquire" as const, owner },
    output: { done, ...(done ? { token } : {}) },
  });
  const release = (at: number, owner: string, done = true) => ({
    ...span(at, at + 1),
    input: { kind: "release" as const, owner },
    output: { done },
  });
  const death = (at: number, owner: string) => ({
    ...span(at, Infinity),
    input: { kind: "end" as const, owner },
    output: undefined,
  });
  const verdict = (...history: History<MutexInput, MutexOutput>) => judge(mutex(), history).verdict;
  expect(verdict(acquire(0, "a", 1n), release(2, "a"), acquire(4, "b", 2n))).toBe("linearizable");
  expect(verdict(acquire(0, "a", 1n), acquire(4, "b", 2n))).toBe("not linearizable");
  expect(verdict(acquire(0, "a", 1n), death(2, "a"), acquire(4, "b", 2n))).toBe("linearizable");
  expect(verdict(acquire(0, "a", 1n), acquire(4, "b", 2n), death(6, "a"))).toBe("not linearizable");
  expect(verdict(acquire(0, "a", 2n), release(2, "a"), acquire(4, "b", 2n))).toBe("not linearizable");
  expect(verdict(acquire(0, "a", 1n), release(2, "b"))).toBe("not linearizable");
  expect(verdict(acquire(0, "a", 1n), acquire(2, "b", 0n, false))).toBe("linearizable");
  expect(verdict(acquire(2, "b", 0n, false))).toBe("not linearizable");
});

test("T10: a change at an old revision or with a stale fence is no history of a document", () => {
  const change = (at: number, value: string, revision: string, conditions: object = {}) => ({
    ...span(at, at + 1),
    input: { kind: "change" as const, value, ...conditions },
    output: { kind: "changed" as const, revision },
  });
  const verdict = (...history: ReturnType<typeof change>[]) => judge(documentModel(), history).verdict;
  const first = change(0, "one", "r1");
  expect(verdict(first, change(2, "two", "r2", { expectedRevision: "r1" }))).toBe("linearizable");
  const second = change(2, "two", "r2");
  expect(verdict(first, second, change(4, "x", "r3", { expectedRevision: "r1" }))).toBe("not linearizable");
  const fenced = change(2, "two", "r2", { fence: 7n });
  expect(verdict(first, fenced, change(4, "x", "r3", { fence: 7n }))).toBe("linearizable");
  expect(verdict(first, fenced, change(4, "x", "r3", { fence: 6n }))).toBe("not linearizable");
});

test("T10: cutting a history short never makes a right one wrong", () => {
  const chance = seeded(7);
  let cuts = 0;
  for (let at = 0; at < 1_500; at += 1) {
    const history = inventRegisterNonsense(chance, 5);
    if (!isLinearizableByDefinition(casRegister(), history)) continue;
    for (const operation of history) {
      for (const cut of [leaveOut, forgetAnswer]) {
        const shorter = cut(casRegister(), history, operation);
        if (shorter === undefined) continue;
        cuts += 1;
        expect(isLinearizableByDefinition(casRegister(), shorter), JSON.stringify(history)).toBe(true);
      }
    }
  }
  expect(cuts).toBeGreaterThan(150);
});

test("T10: a counter-example is short, still wrong, and says why", () => {
  const chance = seeded(3);
  const lengths: number[] = [];
  for (const { corrupt } of registerCorruptions) {
    const corrupted = corrupt(inventRegister(chance, 200, 6), chance);
    if (corrupted === undefined) continue;
    const example = explain(casRegister(), judge(casRegister(), corrupted));
    expect(isLinearizableByDefinition(casRegister(), example?.operations ?? [])).toBe(false);
    expect(shrink(casRegister(), example?.operations ?? [])).toEqual(example?.operations);
    lengths.push(example?.operations.length ?? Infinity);
  }
  expect(lengths.length).toBeGreaterThan(3);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(8);
  const update = { ...span(2, 3), input: { kind: "update" as const, value: "b" }, output: { saw: "a" } };
  const history = [write(0, 1, "a"), update, read(4, 5, "b"), read(6, 7, "a"), read(8, 9, "b")];
  expect(explain(casRegister(), judge(casRegister(), history))?.text).toBe(
    [
      "Not linearizable: register, 3 of its 5 operations show it.",
      "     client  begun  ended  operation (- and ?: no answer, or it does not matter)",
      '  1  c           0      -  write "a"',
      '  2  c           2      3  update "a" to "b"',
      '  3  c           6      7  read "a"',
      'The longest order is 1, 2: the register holds "b", and the next to take effect would be',
      '  3  read "a"',
    ].join("\n"),
  );
});

test("T10: the timeline is one page that needs nothing else, with every operation in it, escaped", () => {
  const history = [write(0, 10, "<b>&"), read(5, 20, "<b>&"), write(6, Infinity, "c")];
  const page = timelineHtml(history, { title: "t", tell: casRegister().tell, order: history.slice(0, 2) });
  expect(page).not.toMatch(/<script|<link|src=|@import|url\(/);
  expect(page.match(/<rect /g)).toHaveLength(3);
  expect(page.match(/class="open"/g)).toHaveLength(1);
  expect(page).toContain("2. read &quot;&lt;b&gt;&amp;&quot;");
  expect(page).not.toContain("<b>");
});

test("T10: a log's late hole, torn batch and lost record are named", () => {
  const append = (at: number, ...ids: string[]) => ({
    ...span(at, at + 1),
    input: { kind: "append" as const, ids },
    output: { kind: "appended" as const },
  });
  const seen = (at: number, ...ids: string[]) => ({
    ...span(at, at + 1),
    input: { kind: "read" as const, from: 0 },
    output: { kind: "records" as const, ids },
  });
  const rules = (...history: LogHistory) => checkLog(history).map(({ rule }) => rule);
  const two = [append(0, "a"), append(0, "b")];
  expect(rules(...two, seen(5, "a", "b"))).toEqual([]);
  expect(rules(...two, seen(5, "b"), seen(9, "a", "b"))).toContain("two orders");
  expect(rules(...two, seen(5, "a", "b"), seen(9, "a"))).toContain("late hole");
  expect(rules(...two, seen(9, "a"))).toContain("lost record");
  expect(rules(append(0, "a", "b"), seen(9, "a"))).toContain("torn batch");
  const part = { ...seen(5, "a"), input: { kind: "read" as const, from: 0, limit: 1 } };
  const rest = { ...seen(7), input: { kind: "read" as const, from: 1 } };
  const slow = { ...append(0, "a", "b"), endedAt: 20 };
  expect(rules(slow, part, rest, seen(30, "a", "b")), "a part shows that the whole is there").toContain(
    "late hole",
  );
  expect(rules(append(0, "a"), append(5, "b"), seen(9, "b", "a"))).toContain("out of order");
  expect(rules(append(0, "a"), seen(9, "a", "a"))).toContain("duplicate");
});

test("T10: a queue's loss, double completion and stale claim are named", () => {
  const enqueue = { ...span(0, 1), input: { kind: "enqueue" as const, value: "v" }, output: accepted(true) };
  const claim = (at: number, token: bigint, until: number) => ({
    ...span(at, at + 1),
    input: { kind: "claim" as const },
    output: { kind: "claimed" as const, value: "v", token, until },
  });
  const settle = (kind: "complete" | "release", at: number, token: bigint, isAccepted = true) => ({
    ...span(at, at + 1),
    input: { kind, value: "v", token },
    output: accepted(isAccepted),
  });
  const complete = (at: number, token: bigint) => settle("complete", at, token);
  const drain = (...values: string[]) => ({
    ...span(90, 91),
    input: { kind: "drain" as const },
    output: { kind: "drained" as const, values },
  });
  const rules = (...history: QueueHistory) => checkQueue(history).map(({ rule }) => rule);
  expect(rules(enqueue, claim(2, 1n, 20), complete(5, 1n), drain())).toEqual([]);
  expect(rules(enqueue, drain())).toEqual(["lost"]);
  expect(rules(enqueue, claim(2, 1n, 20), complete(5, 1n), complete(8, 1n), drain())).toEqual([
    "finished twice",
  ]);
  expect(rules(enqueue, claim(2, 1n, 20), claim(8, 2n, 40), drain("v"))).toEqual(["two holders"]);
  expect(rules(enqueue, claim(2, 1n, 20), claim(30, 2n, 50), complete(35, 1n), drain())).toEqual([
    "stale claim accepted",
  ]);
  const used = ["claim used twice"];
  expect(rules(enqueue, claim(2, 1n, 20), settle("release", 5, 1n), complete(8, 1n), drain())).toEqual(used);
  expect(rules(enqueue, claim(2, 1n, 20), complete(5, 1n), settle("release", 8, 1n), drain())).toEqual(used);
  expect(
    rules(enqueue, claim(2, 1n, 20), settle("release", 5, 1n), settle("release", 8, 1n), drain("v")),
  ).toEqual(used);
  expect(rules(enqueue, claim(2, 1n, 80), settle("complete", 5, 1n, false), drain("v"))).toEqual([
    "current claim refused",
  ]);
  expect(rules(enqueue, claim(2, 1n, 4), settle("complete", 5, 1n, false), drain("v"))).toEqual([]);
  expect(rules({ ...enqueue, output: accepted(false) }, drain())).toEqual([]);
});

test("a long history without overlaps is judged in time and memory that grow with its length", () => {
  const history = Array.from({ length: 40_000 }, (_, at) => ({
    client: "one",
    input: { kind: "write" as const, value: String(at) },
    output: { done: true as const },
    begunAt: 2 * at,
    endedAt: 2 * at + 1,
  }));
  expect(judge(casRegister(), history).verdict).toBe("linearizable");
});

function accepted(isAccepted: boolean) {
  return { kind: "accepted" as const, accepted: isAccepted };
}

test("T10: a lost update, write skew and half a transaction are cycles, and are told as such", () => {
  const transaction = (begunAt: number, endedAt: number, steps: string, ...lists: string[]) => ({
    ...span(begunAt, endedAt),
    input: steps.split(" ").map((step) => {
      const [key = "", value] = step.split("+");
      return value === undefined ? { kind: "read" as const, key } : { kind: "append" as const, key, value };
    }),
    output: { committed: true, lists: lists.map((list) => list.split("")) },
  });
  const rules = (...history: TransactionHistory) => checkTransactions(history).map(({ rule }) => rule);
  expect(rules(transaction(0, 1, "x+1 y+1"), transaction(2, 3, "x y", "1", "1"))).toEqual([]);
  const lost = [
    transaction(0, 9, "x x+1", ""),
    transaction(0, 9, "x x+2", ""),
    transaction(20, 21, "x", "12"),
  ];
  expect(rules(...lost)).toEqual(["G-single"]);
  const skew = [
    transaction(0, 9, "x y+1", ""),
    transaction(0, 9, "y x+2", ""),
    transaction(20, 21, "x y", "2", "1"),
  ];
  expect(rules(...skew)).toEqual(["G2"]);
  expect(rules(transaction(0, 30, "x+1 y+1"), transaction(2, 3, "x y", "1", ""))).toEqual(["G-single"]);
  expect(rules(transaction(0, 1, "x+1"), transaction(5, 6, "x", ""), transaction(9, 10, "x", "1"))).toEqual([
    "G-single-realtime",
  ]);
  expect(rules(transaction(0, 1, "x+1"), transaction(5, 6, "x", ""))).toEqual(["lost append"]);
});

test("the checker's library imports nothing but itself", () => {
  const folder = new URL("../src/checker/library/", import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  expect(sources.length).toBeGreaterThan(20);
  for (const name of sources) {
    const depth = name.split("/").length - 1;
    for (const [, from = ""] of readFileSync(new URL(name, folder), "utf8").matchAll(/from "(.+?)"/g)) {
      expect(from.startsWith("./") || (depth > 0 && /^\.\.\/(?!\.\.)/.test(from)), `${name}: ${from}`).toBe(
        true,
      );
    }
  }
});
