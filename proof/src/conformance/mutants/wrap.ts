import type {
  DocumentSpec,
  LogSpec,
  Store,
  StoreDocument,
  StoreLock,
  StoreLog,
  StoreMember,
} from "../core.ts";

/** What a wrapper does differently; what it leaves out stays as it was. */
export interface Changes {
  readonly document?: (
    document: StoreDocument<unknown>,
    spec: DocumentSpec<unknown>,
  ) => Partial<StoreDocument<unknown>>;
  readonly log?: (log: StoreLog<unknown>, spec: LogSpec<unknown>) => Partial<StoreLog<unknown>>;
  readonly lock?: (lock: StoreLock) => Partial<StoreLock>;
  readonly store?: (store: Store) => Partial<Store>;
  /** Changes what specs say before the store sees them. */
  readonly documentSpec?: (spec: DocumentSpec<unknown>) => DocumentSpec<unknown>;
  readonly logSpec?: (spec: LogSpec<unknown>) => LogSpec<unknown>;
}

const originals = new WeakMap<object, StoreMember>();

/** The store's own member behind a wrapped one. */
export function originalOf<M extends StoreMember>(member: M): M {
  return (originals.get(member) ?? member) as M;
}

/** A store that does some things differently. */
export function wrap(store: Store, changes: Changes): Store {
  const member = <M extends StoreMember>(original: M, differences: Partial<M> | undefined): M => {
    const wrapped = differing(original, differences ?? {});
    originals.set(wrapped, original);
    return wrapped;
  };
  const own = differing(store, changes.store?.(store) ?? {});
  return differing(own, {
    document: ((spec: DocumentSpec<unknown>) => {
      const changed = changes.documentSpec?.(spec) ?? spec;
      const document = store.document<unknown>(changed);
      return member(document, changes.document?.(document, changed));
    }) as Store["document"],
    log: ((spec: LogSpec<unknown>) => {
      const changed = changes.logSpec?.(spec) ?? spec;
      const log = store.log<unknown>(changed);
      return member(log, changes.log?.(log, changed));
    }) as Store["log"],
    lock: (name, spec) => {
      const lock = store.lock(name, spec);
      return differing(lock, changes.lock?.(lock) ?? {});
    },
    transact: ((members, work, options) => {
      const isMistake = members === null || Array.isArray(members); // the store's own to refuse
      if (isMistake) return store.transact(members, work, options);
      const mine = Object.fromEntries(Object.entries(members).map(([key, each]) => [key, originalOf(each)]));
      return own.transact(mine, work as never, options);
    }) as Store["transact"],
  });
}

/**
 * The same object but for some of its members. Methods run on the object itself, so that private fields are found. What
 * they promise may fail unseen: a case that has failed already does not look at it any more.
 */
export function differing<T extends object>(target: T, differences: Partial<T>): T {
  return new Proxy(target, {
    get(_, key) {
      const isDifferent = Object.hasOwn(differences, key);
      const value: unknown = isDifferent ? differences[key as keyof T] : Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown => {
        const result: unknown = (value as (...args: unknown[]) => unknown).apply(
          isDifferent ? differences : target,
          args,
        );
        if (result instanceof Promise) result.catch(() => undefined);
        return result;
      };
    },
  });
}
