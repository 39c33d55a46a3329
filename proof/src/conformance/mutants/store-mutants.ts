import { turns } from "../case.ts";
import type { Store, StoreDocument, StoreMembers } from "../core.ts";
import type { Mutant } from "./mutant.ts";
import { wrap } from "./wrap.ts";

interface LooseDraft {
  readonly value?: unknown;
  readonly draft?: unknown;
}

type Drafts = Record<string, LooseDraft>;
type Work = (drafts: Drafts) => unknown;

/** `transact` without its exact types: mutants do not need them. */
function transacting(
  change: (members: StoreMembers, work: Work, options: object | undefined) => Promise<unknown>,
) {
  return { transact: change as unknown as Store["transact"] };
}

/** What concerns a whole store, broken. */
export const storeMutants: readonly Mutant[] = [
  {
    name: "a transact commits its first member only",
    breaks: "transact",
    break: (store) =>
      wrap(store, {
        store: (own) =>
          transacting((members, work, options) =>
            own.transact(
              members,
              (drafts) => {
                const [first = ""] = Object.keys(members);
                const kept = Object.entries(drafts as unknown as Drafts).map(([name, draft]) =>
                  name === first ? [name, draft] : [name, inert(draft)],
                );
                return work(Object.fromEntries(kept) as Drafts);
              },
              options,
            ),
          ),
      }),
  },
  {
    name: "a transact is seen before it is committed",
    breaks: "transact",
    break: (store) =>
      wrap(store, {
        store: (own) =>
          transacting(async (members, work, options) => {
            if (!("log" in members && "two" in members)) return own.transact(members, work as never, options);
            const documents = Object.entries(members).filter(([, { kind }]) => kind === "document");
            const before = new Map<string, unknown>();
            const drafts: Drafts = { log: { append: () => undefined } as LooseDraft };
            for (const [name, member] of documents) {
              before.set(name, await (member as StoreDocument<unknown>).read());
              drafts[name] = liveDraft(member as StoreDocument<unknown>);
            }
            try {
              const value = await work(drafts);
              return { ...(await own.transact(members, () => undefined, options)), value };
            } catch (error) {
              for (const [name, member] of documents)
                await (member as StoreDocument<unknown>).update(() => structuredClone(before.get(name)));
              throw error;
            }
          }),
      }),
  },
  {
    name: "a transact takes its locks one after the other",
    breaks: "transact",
    break: (store) =>
      wrap(store, {
        documentSpec: (spec) => ({ ...spec, merge: "overwrite" }),
        store: (own) =>
          transacting(async (members, work, options) => {
            const documents = Object.entries(members);
            if (documents.some(([, { kind }]) => kind === "log"))
              return own.transact(members, work as never, options);
            const drafts: Record<string, { value: unknown; draft: unknown }> = {};
            for (const [name, member] of documents) {
              const value = await (member as StoreDocument<unknown>).read();
              drafts[name] = { value, draft: structuredClone(value) };
            }
            const value = await work(drafts);
            for (const [name, member] of documents) {
              await turns();
              await (member as StoreDocument<unknown>).write(drafts[name]?.draft);
            }
            return { value, changed: true, durability: "disk", members: {} };
          }),
      }),
  },
  {
    name: "a transact whose work throws commits what was done by then",
    breaks: "transact",
    break: (store) =>
      wrap(store, {
        store: (own) =>
          transacting(async (members, work, options) => {
            let failure: { reason: unknown } | undefined;
            const receipt = await own.transact(
              members,
              async (drafts) => {
                try {
                  return await work(drafts as unknown as Drafts);
                } catch (reason) {
                  failure = { reason };
                  return undefined;
                }
              },
              options,
            );
            if (failure !== undefined) throw failure.reason;
            return receipt;
          }),
      }),
  },
  {
    name: "errors are swallowed",
    breaks: "errors",
    break: (store) =>
      wrap(store, {
        document: (document) => ({
          async write(value, options) {
            try {
              return await document.write(value, options);
            } catch {
              return { ...(await document.readWithRevision()), changed: false, durability: "disk" };
            }
          },
        }),
      }),
  },
  {
    name: "a failed change does not tell what it was about",
    breaks: "errors",
    break: (store) =>
      wrap(store, {
        document: (document) => ({
          read: () =>
            document.read().catch(() => {
              throw new Error("it failed");
            }),
        }),
      }),
  },
  {
    name: "any name is taken",
    breaks: "errors",
    break: (store) =>
      wrap(store, {
        documentSpec: (spec) => ({ ...spec, name: spec.name.replaceAll(/[^\w.-]+/g, "_") || "_" }),
      }),
  },
  {
    name: "a missing document is made by reading it",
    breaks: "errors",
    break: (store) =>
      wrap(store, {
        document: (document) => ({
          async read() {
            try {
              return await document.read();
            } catch (error) {
              if ((error as { code?: string }).code === "ERR_READ_FAILED") await document.write({});
              throw error;
            }
          },
        }),
      }),
  },
  {
    name: "a closed store still writes",
    breaks: "close",
    break: (store) => wrap(store, { store: () => ({ close: () => Promise.resolve() }) }),
  },
  {
    name: "closing does not wait for what is going on",
    breaks: "close",
    break: (store) =>
      wrap(store, {
        store: (own) => ({
          close() {
            void own.close();
            return Promise.resolve();
          },
        }),
        document: (document) => ({
          update: (recipe, options) => turns(3).then(() => document.update(recipe, options)),
        }),
      }),
  },
  {
    name: "what is not declared is done all the same",
    breaks: "declared",
    break: (store) =>
      wrap(store, {
        store: ({ capabilities }) => ({ capabilities: { ...capabilities, watch: false, merge: false } }),
      }),
  },
];

/** A draft whose changes go nowhere. */
function inert(draft: LooseDraft): LooseDraft {
  if (!("draft" in draft)) return { ...draft, append: () => undefined } as LooseDraft;
  return { ...draft, draft: structuredClone(draft.value), replace: () => undefined } as LooseDraft;
}

/** A draft each of whose changes is written at once. */
function liveDraft(document: StoreDocument<unknown>): LooseDraft {
  const draft = new Proxy({} as Record<string, unknown>, {
    set(target, key, value) {
      target[key as string] = value;
      void document.update((stored) => void Object.assign(stored as object, target));
      return true;
    },
  });
  return { draft };
}
