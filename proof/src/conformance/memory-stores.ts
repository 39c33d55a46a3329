import { Random } from "../harness/random.ts";
import { memoryStore, MemorySpace, type Store } from "./core.ts";
import { jumpingClock } from "./jumping-clock.ts";
import type { Nemesis, StoreFactory } from "./subject.ts";

const none = { missing: "it lives in one process" };

/** What can be done to a store in memory: its leases' clock can jump. */
export const memoryNemesis: Nemesis = {
  killHolder: none,
  pauseHolder: none,
  jumpClock: jumpingClock,
  fillDisk: { missing: "it has no disk" },
  loseLocks: { missing: "its locks leave nothing behind" },
  seeUnsynced: { missing: "it has no disk" },
};

/**
 * Stores in memory, each place a space of its own. With a seed, chance decides how their calls interleave;
 * without one they go in the order they come.
 * @param change - Breaks a store as it is opened; `shared` is what the stores of one place have in common.
 */
export function memoryFactory(
  change: (store: Store, shared: Map<string, unknown>) => Store | Promise<Store> = (store) => store,
  seed?: number,
): StoreFactory {
  return {
    create: () => {
      const space = new MemorySpace();
      const random = seed === undefined ? undefined : chanceOf(seed);
      const shared = new Map<string, unknown>();
      return Promise.resolve({
        open: async () => change(memoryStore({ shared: space, random }), shared),
        elsewhere: none,
        bytes: { missing: "what it holds has no bytes to damage" },
        clean: () => Promise.resolve(),
      });
    },
  };
}

function chanceOf(seed: number): () => number {
  const random = new Random(seed);
  return () => random.next();
}
