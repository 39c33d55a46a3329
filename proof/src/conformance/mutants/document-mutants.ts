import { turns } from "../case.ts";
import type { DeepReadonly, DocumentSnapshot, StoreChangeOptions, StoreDocument } from "../core.ts";
import type { Mutant } from "./mutant.ts";
import { wrap } from "./wrap.ts";

type Loose = Record<string, unknown>;

const unfenced = (options: object = {}): object => ({ ...options, fence: undefined });
const unconditional = (options: StoreChangeOptions = {}): StoreChangeOptions => ({
  ...options,
  expectedRevision: undefined,
});

/** A copy that may be changed. */
function copyOf(value: unknown): unknown {
  return structuredClone(value);
}

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
  {
    name: "a change is acknowledged before it is synced",
    breaks: "D3",
    files: true,
    break: (store) =>
      wrap(store, {
        documentSpec: (spec) => ({ ...spec, durability: "os" }),
        document: (document) => ({
          update: async (recipe, options) => ({
            ...(await document.update(recipe, options)),
            durability: "disk",
          }),
          write: async (value, options) => ({
            ...(await document.write(value, options)),
            durability: "disk",
          }),
        }),
      }),
  },
  {
    name: "a recipe that throws leaves what it did",
    breaks: "D4",
    break: (store) =>
      wrap(store, {
        document: (document) => ({
          async update(recipe, options) {
            let failure: { reason: unknown } | undefined;
            const receipt = await document.update(async (draft) => {
              try {
                return (await recipe(draft)) ?? undefined;
              } catch (reason) {
                failure = { reason };
                return undefined;
              }
            }, options);
            if (failure !== undefined) throw failure.reason;
            return receipt;
          },
        }),
      }),
  },
  {
    name: "fields that a program does not know are dropped",
    breaks: "D6",
    break: (store) =>
      wrap(store, {
        document: (document, spec) => ({
          update: (recipe, options) =>
            document.update(async (draft) => {
              const replaced = await recipe(draft);
              const known = Object.keys((spec.defaults?.() ?? {}) as Loose);
              if (known.length > 0 && !document.name.startsWith(".") && replaced === undefined) {
                for (const key of Object.keys(draft as Loose))
                  if (!known.includes(key)) delete (draft as Loose)[key];
              }
              return replaced;
            }, options),
        }),
      }),
  },
  {
    name: "big integers are rounded",
    breaks: "D6",
    break: (store) => wrap(store, { documentSpec: (spec) => ({ ...spec, integers: "number" }) }),
  },
  {
    name: "limits are ignored",
    breaks: "D7",
    break: (store) =>
      wrap(store, {
        documentSpec: (spec) => ({ ...spec, maxBytes: undefined, maxDepth: undefined }),
        logSpec: (spec) => ({ ...spec, maxLineBytes: undefined, maxDepth: undefined }),
      }),
  },
  {
    name: "defaults are written over what is damaged",
    breaks: "G5",
    files: true,
    break: (store, shared) =>
      wrap(store, {
        document: (document, spec) => {
          const healing = async <T>(call: () => Promise<T>): Promise<T> => {
            try {
              return await call();
            } catch (error) {
              if ((error as { code?: string }).code !== "ERR_DOCUMENT_CORRUPT" || spec.defaults === undefined)
                throw error;
              const write = shared.get("write") as (name: string, text: string) => void;
              write(document.name, JSON.stringify(spec.defaults()));
              return call();
            }
          };
          return {
            read: () => healing(() => document.read()),
            update: (recipe, options) => healing(() => document.update(recipe, options)),
          };
        },
      }),
  },
  {
    name: "a removed document is only said to be gone",
    breaks: "D1",
    break: (store) => wrap(store, { document: () => ({ remove: () => Promise.resolve(true) }) }),
  },
  {
    name: "a watch misses the last change",
    breaks: "D1",
    break: (store) =>
      wrap(store, {
        document: (document) => ({
          async *watch(options) {
            let before: DocumentSnapshot<unknown> | undefined;
            for await (const snapshot of document.watch(options)) {
              if (before === undefined) yield snapshot;
              else if (before !== snapshot) yield before;
              before = snapshot;
            }
          },
        }),
      }),
  },
];
