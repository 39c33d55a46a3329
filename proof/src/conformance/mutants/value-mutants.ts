import type { DocumentSnapshot } from "../core.ts";
import type { Mutant } from "./mutant.ts";
import { wrap } from "./wrap.ts";

type Loose = Record<string, unknown>;

/** D1, D3, D4, D6, D7 and G5, broken. */
export const valueMutants: readonly Mutant[] = [
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
    hangs: true,
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
