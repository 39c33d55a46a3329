import { turns } from "../case.ts";
import type { DeepReadonly, DocumentSnapshot, StoreChangeOptions, StoreDocument } from "../core.ts";
import type { Mutant } from "./mutant.ts";
import { wrap } from "./wrap.ts";

const unfenced = (options: object = {}): object => ({ ...options, fence: undefined });
const unconditional = (options: StoreChangeOptions = {}): StoreChangeOptions => ({
  ...options,
  expectedRevision: undefined,
});

/** A copy that may be changed. */
function copyOf(value: unknown): unknown {
  return structuredClone(value);
}

/** D1, D2 and D5, broken. */
export const documentMutants: readonly Mutant[] = [
  {
    name: "no fence check",
    breaks: "D5",
    break: (store) =>
      wrap(store, {
        document: (document) => ({
          update: (recipe, options) => document.update(recipe, unfenced(options)),
          write: (value, options) => document.write(value, unfenced(options)),
          remove: (options) => document.remove(unfenced(options)),
        }),
        log: (log) => ({
          append: (record, options) => log.append(record, unfenced(options)),
          appendMany: (records, options) => log.appendMany(records, unfenced(options)),
          transact: (decide, options) => log.transact(decide, unfenced(options)),
          rewrite: (rewrite, options) => log.rewrite(rewrite, unfenced(options)),
        }),
        store: (own) => ({
          transact: (members, work, options) => own.transact(members, work, unfenced(options)),
        }),
      }),
  },
  {
    name: "fences of logs are not checked",
    breaks: "D5",
    break: (store) =>
      wrap(store, {
        log: (log) => ({ append: (record, options) => log.append(record, unfenced(options)) }),
      }),
  },
  {
    name: "tokens are reset by a restart",
    breaks: "D5",
    async break(store) {
      for (const name of ["leases.json", ".flockwork/fencing-tokens.json"]) {
        await store.document({ name }).remove();
      }
      return store;
    },
  },
  {
    name: "an update reads without the lock, and loses others",
    breaks: "D1",
    break: (store) =>
      wrap(store, {
        documentSpec: (spec) => ({ ...spec, merge: "overwrite" }),
        document: (document) => ({
          async update(recipe, options) {
            const draft = copyOf(await document.read());
            const replaced = await recipe(draft);
            await turns();
            return document.write(replaced ?? draft, options);
          },
        }),
      }),
  },
  {
    name: "a handle reads what it has cached, whatever others wrote",
    breaks: "D1",
    break: (store) =>
      wrap(store, {
        document: (document) => {
          let cached: DocumentSnapshot<unknown> | undefined;
          const read = async () => (cached ??= await document.readWithRevision());
          return { readWithRevision: read, read: async () => (await read()).value };
        },
      }),
  },
  {
    name: "a store reads what it has cached, whatever other stores wrote",
    breaks: "D1",
    break(store) {
      const cache = new Map<string, DeepReadonly<unknown>>();
      const forget = <T>(name: string, change: Promise<T>): Promise<T> =>
        change.finally(() => cache.delete(name));
      return wrap(store, {
        document: (document) => ({
          async read() {
            const value = cache.get(document.name) ?? (await document.read());
            cache.set(document.name, value);
            return value;
          },
          update: (recipe, options) => forget(document.name, document.update(recipe, options)),
          write: (value, options) => forget(document.name, document.write(value, options)),
          remove: (options) => forget(document.name, document.remove(options)),
        }),
      });
    },
  },
  {
    name: "an update ignores expectedRevision",
    breaks: "D2",
    break: (store) =>
      wrap(store, {
        document: (document) => ({
          update: (recipe, options) => document.update(recipe, unconditional(options)),
        }),
      }),
  },
  {
    name: "the expected revision is compared before the lock is taken",
    breaks: "D2",
    break: (store) =>
      wrap(store, {
        document: (document) => ({
          async update(recipe, options = {}) {
            const { revision } = await document.readWithRevision();
            if (options.expectedRevision !== revision) return document.update(recipe, options);
            await turns();
            return document.update(recipe, unconditional(options));
          },
        }),
      }),
  },
  {
    name: "revisions repeat",
    breaks: "D2",
    break: (store) =>
      wrap(store, {
        document: (document) => {
          const short = <S extends DocumentSnapshot<unknown>>(snapshot: S): S => {
            const revision =
              snapshot.revision === "absent" ? "absent" : `r${JSON.stringify(snapshot.value).length}`;
            return { ...snapshot, value: snapshot.value, revision };
          };
          const long = async (options: StoreChangeOptions = {}): Promise<StoreChangeOptions> => {
            const now = await document.readWithRevision();
            const fits = options.expectedRevision === short(now).revision;
            return fits ? { ...options, expectedRevision: now.revision } : options;
          };
          return {
            readWithRevision: async () => short(await document.readWithRevision()),
            update: async (recipe, options) => short(await document.update(recipe, await long(options))),
            write: async (value, options) => short(await document.write(value, await long(options))),
          } as Partial<StoreDocument<unknown>>;
        },
      }),
  },
  {
    name: "a write overwrites what the handle has not seen",
    breaks: "D2",
    break: (store) => wrap(store, { documentSpec: (spec) => ({ ...spec, merge: "overwrite" }) }),
  },
];
