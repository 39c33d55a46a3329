import { expect, test } from "vitest";
import { checkerOf } from "../src/checker/checker.ts";
import { judge } from "../src/checker/linearize.ts";
import { examine } from "./support/examine.ts";

test("T10: recorded histories of a document are linearizable, and the checker rejects every corruption", async (context) => {
  const recording = { clients: 4, operations: 30, kills: 1 };
  const tally = await examine(context, (part) =>
    checkerOf(part, { recordings: 2, recording, invented: 60, crossChecks: 4_000 }),
  );
  expect(tally.counted("rejected")).toBe(tally.counted("corrupted"));
  expect(tally.counted("corrupted")).toBeGreaterThan(200);
});

const common = { key: "k", client: "c" } as const;

test("T10: an update nobody answered may take effect late, or never, but not twice", () => {
  const silent = {
    ...common,
    kind: "update",
    begunAt: 0,
    endedAt: Infinity,
    saw: undefined,
    wrote: "x",
  } as const;
  const read = (at: number, saw: string) =>
    ({ ...common, kind: "read", begunAt: at, endedAt: at + 1, saw }) as const;
  expect(judge([silent, read(5, "initial"), read(10, "x")]).verdict).toBe("linearizable");
  expect(judge([silent, read(5, "initial"), read(10, "initial")]).verdict).toBe("linearizable");
  expect(judge([silent, read(5, "x"), read(10, "initial")]).verdict).toBe("not linearizable");
});

test("T10: past its step limit the checker says that it does not know", () => {
  const reads = Array.from(
    { length: 12 },
    () => ({ ...common, kind: "read", begunAt: 0, endedAt: 9, saw: "initial" }) as const,
  );
  expect(judge(reads, 5).verdict).toBe("undecided");
});
