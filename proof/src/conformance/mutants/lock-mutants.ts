import type { StoreLockHold, StoreLockOptions } from "../core.ts";
import type { Mutant } from "./mutant.ts";
import { differing, wrap } from "./wrap.ts";

let stores = 0;

/** L1, L3, L6 and L7, broken. */
export const lockMutants: readonly Mutant[] = [
  {
    name: "each store has locks of its own",
    breaks: "L1",
    break: (store) => {
      const own = `${(stores += 1)}`;
      const lockOf = store.lock.bind(store);
      return differing(store, {
        lock: (name, spec) => lockOf(/^[a-z]+$/.test(name) ? `${name}${own}` : name, spec),
      });
    },
  },
  {
    name: "readers do not keep writers out",
    breaks: "L1",
    break: (store) => {
      const free: StoreLockHold = {
        mode: "shared",
        held: true,
        signal: new AbortController().signal,
        assertHeld: () => undefined,
        release: () => Promise.resolve(),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
      return wrap(store, {
        lock: (lock) => ({
          tryAcquire: (mode) => (mode === "shared" ? Promise.resolve(free) : lock.tryAcquire(mode)),
          acquire: (mode, options) =>
            mode === "shared" ? Promise.resolve(free) : lock.acquire(mode, options),
        }),
      });
    },
  },
  {
    name: "whoever releases frees the lock, even if it is another's",
    breaks: "L3",
    break: (store) => {
      const current = new Map<string, StoreLockHold>();
      return wrap(store, {
        lock: (lock) => ({
          async acquire(mode, options) {
            const hold = await lock.acquire(mode, options);
            current.set(lock.name, hold);
            return differing(hold, { release: () => current.get(lock.name)?.release() ?? Promise.resolve() });
          },
        }),
      });
    },
  },
  {
    name: "work that throws keeps the lock",
    breaks: "L3",
    break: (store) =>
      wrap(store, {
        lock: (lock) => ({
          async withWrite(work, options) {
            const hold = await lock.acquire("exclusive", options);
            const result = await work(hold);
            await hold.release();
            return result;
          },
        }),
      }),
  },
  {
    name: "an aborted wait is granted the lock later, and nobody has it",
    breaks: "L7",
    break: (store) =>
      wrap(store, {
        lock: (lock) => ({
          acquire(mode, { signal, ...options }: StoreLockOptions = {}) {
            const waiting = lock.acquire(mode, options);
            if (signal === undefined) return waiting;
            return new Promise((resolve, reject) => {
              const abort = (): void => reject(signal.reason as Error);
              if (signal.aborted) abort();
              signal.addEventListener("abort", abort, { once: true });
              waiting.then(resolve, reject);
            });
          },
        }),
      }),
  },
  {
    name: "a wait that timed out is granted the lock later, and nobody has it",
    breaks: "L7",
    break: (store) =>
      wrap(store, {
        lock: (lock) => ({
          async acquire(mode, options = {}) {
            try {
              return await lock.acquire(mode, options);
            } catch (error) {
              if ((error as { code?: string }).code === "ERR_LOCK_TIMEOUT" && options.timeoutMs !== 0) {
                void lock.acquire(mode).catch(() => undefined);
              }
              throw error;
            }
          },
        }),
      }),
  },
  {
    name: "the last to come is served first",
    breaks: "L6",
    break: (store) => {
      let last = 0;
      return wrap(store, {
        lock: (lock) => ({
          withWrite: (work, options) => lock.withWrite(work, { ...options, priority: (last += 1) }),
        }),
      });
    },
  },
  {
    name: "priorities are ignored",
    breaks: "L6",
    break: (store) =>
      wrap(store, {
        lock: (lock) => ({ withWrite: (work, options) => lock.withWrite(work, { ...options, priority: 0 }) }),
      }),
  },
  {
    name: "the lock of a document's name is another lock than its changes take",
    breaks: "L1",
    break: (store) => {
      const lockOf = store.lock.bind(store);
      return differing(store, { lock: (name, spec) => lockOf(`locks/${name}`, spec) });
    },
  },
];
