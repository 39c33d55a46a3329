import { counter, items } from "../case.ts";
import type { Store } from "../core.ts";

/** Two counters and a log. */
export function three(store: Store) {
  return { one: counter(store, "one.json"), two: counter(store, "two.json"), log: items(store) };
}

/** What they hold. */
export async function values(store: Store): Promise<unknown> {
  const { one, two, log } = three(store);
  return [(await one.read()).count, (await two.read()).count, (await log.read()).map(({ id }) => id)];
}

/** What every case of several members needs. */
export const needs = ["transact"] as const;
