import { turns } from "../case.ts";
import type { LogChangeOptions, LogReceipt, StoreEntry, StoreLog } from "../core.ts";
import type { Mutant, SharedState } from "./mutant.ts";
import { wrap } from "./wrap.ts";

/** G1 to G5, broken. */
export const logMutants: readonly Mutant[] = [
  {
    name: "a torn append: a batch goes in record by record",
    breaks: "G1",
    break: (store) =>
      wrap(store, {
        log: (log) => ({
          async appendMany(records, options) {
            await refuseBad(log, records, options);
            let receipt = await log.appendMany([], options);
            const { position } = receipt;
            for (const record of records) {
              receipt = await log.append(record, { ...options, expectedTail: undefined });
              await turns();
            }
            return { ...receipt, position, changed: records.length > 0 };
          },
        }),
      }),
  },
  {
    name: "half a batch is applied when one of its records may not be stored",
    breaks: "G1",
    break: (store) =>
      wrap(store, {
        log: (log) => ({
          async appendMany(records, options) {
            try {
              return await log.appendMany(records, options);
            } catch (error) {
              const index = (error as { index?: number }).index;
              if (index !== undefined && index > 0) await log.appendMany(records.slice(0, index), options);
              throw error;
            }
          },
        }),
      }),
  },
  {
    name: "offsets are handed out before the append, and used in any order",
    breaks: "G4",
    break: (store, shared) => wrap(store, { log: (log) => serialOffsets(shared, log.name) }),
  },
  {
    name: "a repeated id is appended again",
    breaks: "G3",
    break: (store) => wrap(store, { logSpec: (spec) => ({ ...spec, idOf: undefined }) }),
  },
  {
    name: "ids are remembered by one store only",
    breaks: "G3",
    break(store) {
      const known = new Map<string, Set<string>>();
      return wrap(store, {
        logSpec: ({ idOf, ...spec }) => {
          if (idOf === undefined) return spec;
          const ids = known.get(spec.name) ?? new Set();
          known.set(spec.name, ids);
          return {
            ...spec,
            idOf: (record) => (ids.has(idOf(record) ?? "") ? idOf(record) : void ids.add(idOf(record) ?? "")),
          };
        },
      });
    },
  },
  {
    name: "an append ignores expectedTail",
    breaks: "G1",
    break: (store) =>
      wrap(store, {
        log: (log) => ({
          append: (record, options) => log.append(record, { ...options, expectedTail: undefined }),
        }),
      }),
  },
  {
    name: "a decision is made before the lock is taken",
    breaks: "G2",
    break: (store) =>
      wrap(store, {
        log: (log) => ({
          async transact(decide, options) {
            const records = await log.read();
            const added: unknown[] = [];
            const draft = {
              tail: records.length,
              records: () => Promise.resolve(records),
              advance: () => Promise.reject(new Error("no cursors here")),
              append: (...more: unknown[]) => void added.push(...more),
            };
            const value = await decide(draft);
            await turns();
            return { ...(await log.appendMany(added, options)), value };
          },
        }),
      }),
  },
  {
    name: "an acknowledged record is not written",
    breaks: "G3",
    break: (store) => {
      let calls = 0;
      return wrap(store, {
        log: (log) => ({
          append: (record, options) =>
            (calls += 1) % 7 === 0 ? log.appendMany([], options) : log.append(record, options),
        }),
      });
    },
  },
  {
    name: "an append is acknowledged before it is synced",
    breaks: "D3",
    files: true,
    break: (store) => wrap(store, { logSpec: (spec) => ({ ...spec, durability: "os" }) }),
  },
  {
    name: "who follows misses every fifth record",
    breaks: "G4",
    hangs: true,
    break: (store) =>
      wrap(store, {
        log: (log) => ({
          async *follow(options) {
            for await (const entry of log.follow(options)) if (entry.position % 5 !== 4) yield entry;
          },
        }),
      }),
  },
  {
    name: "a rewrite is not told to cursors",
    breaks: "G2",
    break: (store) =>
      wrap(store, {
        log: (log) => ({
          cursor() {
            const cursor = log.cursor();
            return {
              get position() {
                return cursor.position;
              },
              advance: (sink) =>
                cursor.advance({
                  apply: (record, entry) => sink.apply(record, entry),
                  reset: () => undefined,
                }),
            };
          },
        }),
      }),
  },
  {
    name: "damage in the middle is passed over",
    breaks: "G5",
    files: true,
    break: (store) => wrap(store, { logSpec: (spec) => ({ ...spec, onCorrupt: "skip" }) }),
  },
];

/** Throws what appending would throw, and appends nothing. */
async function refuseBad(
  log: StoreLog<unknown>,
  records: readonly unknown[],
  options?: LogChangeOptions,
): Promise<void> {
  const enough = new Error("nothing wrong so far");
  const trying = log.transact((draft) => {
    draft.append(...records);
    throw enough;
  }, options);
  await trying.catch((error: unknown) => {
    if (error !== enough) throw error;
  });
}

interface SerialLog {
  next: number;
  readonly committed: Map<number, unknown>;
}

/** A log over a serial column: positions come from a counter, records appear when their writer gets round to it. */
function serialOffsets(shared: SharedState, name: string) {
  const log = (shared.get(name) ?? { next: 0, committed: new Map() }) as SerialLog;
  shared.set(name, log);
  const inOrder = (): [number, unknown][] => [...log.committed].toSorted(([one], [other]) => one - other);
  const appendMany = async (records: readonly unknown[]): Promise<LogReceipt> => {
    const position = log.next;
    log.next += records.length;
    await turns(1 + (position % 3));
    records.forEach((record, at) => log.committed.set(position + at, record));
    const nextPosition = position + records.length;
    return {
      changed: true,
      durability: "disk",
      revision: "",
      position,
      nextPosition,
      duplicates: [],
    } as LogReceipt;
  };
  return {
    append: (record: unknown) => appendMany([record]),
    appendMany,
    read: () => Promise.resolve(inOrder().map(([, record]) => record)),
    async *entries(): AsyncIterable<StoreEntry<unknown>> {
      for (const [position, record] of inOrder()) yield { position, record, text: JSON.stringify(record) };
    },
  };
}
