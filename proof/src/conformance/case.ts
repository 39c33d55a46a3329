import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { Random } from "../harness/random.ts";
import type { Store, StoreCapabilities, StoreDocument, StoreLog } from "./core.ts";
import type { StorePeer } from "./store-peer.ts";
import type { PromiseId } from "./promises.ts";
import type { Nemesis, Place, RawBytes } from "./subject.ts";

/** One behaviour that every store must have. */
export interface StoreCase {
  readonly promise: PromiseId;
  /** A sentence. Unique. */
  readonly name: string;
  /** What must be there for the case to run; what is missing is the reason it is skipped for. */
  readonly needs?: readonly Need[];
  readonly run: (context: CaseContext) => Promise<void>;
}

/** `peer`: another process. `bytes`: the stored bytes. The others are hooks of the nemesis, or capabilities. */
export type Need = "peer" | "bytes" | keyof Nemesis | Declared;

/** Capabilities a store may lack. */
export type Declared = "sharedLocks" | "sessionLocks" | "watch" | "merge" | "transact" | "order" | "priority";

export interface CaseContext {
  /** Freshly opened, over nothing. */
  readonly store: Store;
  /** Another store on the same data: a second program, or the same one started again. */
  readonly open: () => Promise<Store>;
  /** Another process on the same data. */
  readonly peer: () => Promise<StorePeer>;
  readonly place: Place;
  readonly bytes: RawBytes;
  readonly nemesis: Present<Nemesis>;
  readonly random: Random;
}

/** Every hook is there: cases that need one say so. */
type Present<N> = { readonly [K in keyof N]: Extract<N[K], (...args: never[]) => unknown> };

/** Which capabilities a store declares, as cases ask for them. */
export function declares(capabilities: StoreCapabilities, need: Declared): boolean {
  switch (need) {
    case "sessionLocks":
      return capabilities.lockKind === "session";
    case "transact":
      return capabilities.transactScope !== "none";
    case "order":
      return capabilities.fairness !== "none";
    case "priority":
      return capabilities.fairness === "priority";
    case "sharedLocks":
    case "watch":
    case "merge":
      return capabilities[need];
  }
}

export interface Count {
  count: number;
}

export interface Item {
  readonly id: string;
}

/** A document that counts. */
export function counter(store: Store, name = "count.json"): StoreDocument<Count> {
  return store.document<Count>({ name, defaults: () => ({ count: 0 }) });
}

export function add(draft: Count): void {
  draft.count += 1;
}

/** A log of items without idempotence. */
export function items(store: Store, name = "items.jsonl"): StoreLog<Item> {
  return store.log<Item>({ name });
}

export function item(id: string | number): Item {
  return { id: `${id}` };
}

/** The call must fail with this code; returns its error. */
export async function refuses(call: () => unknown, code: string): Promise<Error> {
  let answer: unknown;
  try {
    answer = await call();
  } catch (error) {
    ok(error instanceof Error, "it threw something that is no Error");
    const found = "code" in error ? error.code : error.name;
    equal(found, code, `expected ${code}, got ${String(found)}: ${error.message}`);
    return error;
  }
  throw new Error(`expected ${code}, but it did not fail; it gave ${JSON.stringify(answer)}`);
}

/** Collects from an iteration until it has so many. */
export async function take<T>(from: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const each of from) if (taken.push(each) >= count) break;
  return taken;
}

/** Everything an iteration gives. */
export async function collect<T>(from: AsyncIterable<T>): Promise<T[]> {
  return take(from, Infinity);
}

/** A call that may fail before anybody looks: that alone must not end the process. */
export function pending<T>(call: Promise<T>): Promise<T> {
  call.catch(() => undefined);
  return call;
}

/** Lets everything that is ready run, so many times. */
export async function turns(count = 1): Promise<void> {
  for (let at = 0; at < count; at += 1) await new Promise((resolve) => setImmediate(resolve));
}

export { deepEqual, equal, ok, rejects };
