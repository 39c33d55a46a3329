import * as fc from "fast-check";

/** Which revision a change expects: none, the one last seen, one before it, or that there is nothing. */
export type Expected = "none" | "last" | "old" | "absent";

/** One step of a sequence. Everything a store does to one caller that waits for each answer. */
export type Action =
  | { readonly do: "read" | "read locked"; readonly document: number; readonly handle: number }
  | {
      readonly do: "write";
      readonly document: number;
      readonly handle: number;
      readonly expected: Expected;
      readonly token: number;
      readonly field: string;
    }
  | {
      readonly do: "update";
      readonly document: number;
      readonly handle: number;
      readonly expected: Expected;
      readonly token: number;
      readonly how: "set" | "nothing" | "throw" | "replace" | "invalid";
      readonly field: string;
    }
  | { readonly do: "remove"; readonly document: number; readonly expected: Expected; readonly token: number }
  | {
      readonly do: "append";
      readonly log: number;
      readonly ids: readonly number[];
      readonly tail: "none" | "right" | "wrong";
      readonly token: number;
      readonly invalid: boolean;
    }
  | { readonly do: "decide"; readonly log: number; readonly ids: readonly number[]; readonly throws: boolean }
  | {
      readonly do: "rewrite";
      readonly log: number;
      readonly keep: "every second" | "none" | "reversed" | "all";
    }
  | { readonly do: "read log"; readonly log: number; readonly from: number }
  | { readonly do: "advance"; readonly log: number }
  | {
      readonly do: "transact";
      readonly documents: readonly number[];
      readonly logs: readonly number[];
      readonly toLogs: "append" | "rewrite" | "append and rewrite";
      readonly throws: boolean;
      readonly token: number;
      readonly field: string;
    }
  | { readonly do: "take" | "give back"; readonly lock: number; readonly mode: "shared" | "exclusive" }
  | { readonly do: "list" | "reopen" };

const document = fc.nat(1);
const log = fc.nat(1);
const handle = fc.nat(1);
const expected = fc.constantFrom<Expected>("none", "none", "none", "last", "old", "absent");
/** -1: no fence. */
const token = fc.constantFrom(-1, -1, -1, -1, 0, 1, 2, 3);
const field = fc.constantFrom("a", "b", "c");
const ids = fc.array(fc.nat(9), { maxLength: 4 });

export const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constantFrom("read", "read locked"), document, handle }),
  fc.record({ do: fc.constant("write"), document, handle, expected, token, field }),
  fc.record({
    do: fc.constant("update"),
    document,
    handle,
    expected,
    token,
    how: fc.constantFrom("set", "set", "set", "nothing", "throw", "replace", "invalid"),
    field,
  }),
  fc.record({ do: fc.constant("remove"), document, expected, token }),
  fc.record({
    do: fc.constant("append"),
    log,
    ids,
    tail: fc.constantFrom("none", "none", "right", "wrong"),
    token,
    invalid: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
  }),
  fc.record({ do: fc.constant("decide"), log, ids, throws: fc.boolean() }),
  fc.record({
    do: fc.constant("rewrite"),
    log,
    keep: fc.constantFrom("every second", "none", "reversed", "all"),
  }),
  fc.record({ do: fc.constant("read log"), log, from: fc.nat(4) }),
  fc.record({ do: fc.constant("advance"), log }),
  fc.record({
    do: fc.constant("transact"),
    documents: fc.uniqueArray(document, { maxLength: 2 }),
    logs: fc.uniqueArray(log, { maxLength: 2 }),
    toLogs: fc.constantFrom("append", "append", "rewrite", "append and rewrite"),
    throws: fc.integer({ min: 0, max: 3 }).map((chance) => chance === 0),
    token,
    field,
  }),
  fc.record({
    do: fc.constantFrom("take", "give back"),
    lock: fc.nat(1),
    mode: fc.constantFrom("shared", "exclusive"),
  }),
  fc.record({ do: fc.constantFrom("list", "reopen") }),
) as fc.Arbitrary<Action>;
