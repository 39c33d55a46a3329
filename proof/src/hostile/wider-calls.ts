/** Calls that reach a file in more ways than by its path alone: with others at once, or through a store. */
import { basename, dirname, join } from "node:path";
import {
  fileStore,
  jsonlLog,
  leases,
  lockAll,
  lockAllSync,
  tryAcquireLock,
  type Store,
} from "../harness/core.ts";
import type { PublicCall } from "./public-calls.ts";

type Draft = Record<string, unknown>;
const wait = { timeoutMs: 500 };

/** The other file that is locked with it. What is no path stays alone. */
function withAnother(path: string): string[] {
  return typeof path === "string" && path.length > 1 && !path.includes("\0")
    ? [join(dirname(path), "another"), path]
    : [path];
}

/** Whoever is refused one of several locks has none of them. */
async function lockedTogether(path: string): Promise<void> {
  const paths = withAnother(path);
  try {
    await lockAll(paths, () => undefined, wait);
  } catch (error) {
    if (paths.length > 1) await isFree(paths[0] as string, error);
    throw error;
  }
}

async function isFree(path: string, refusal: unknown): Promise<void> {
  let lock;
  try {
    lock = await tryAcquireLock(path, "exclusive");
  } catch {
    return; // it cannot be locked at all: its directory is missing
  }
  if (lock === undefined) throw new Error(`${path} was kept locked`, { cause: refusal });
  await lock.release();
}

/** What is no path is given to the store itself. */
const inStore =
  (work: (store: Store, name: string) => unknown) =>
  async (path: string): Promise<void> => {
    const store = fileStore(typeof path === "string" ? dirname(path) : path);
    try {
      await work(store, basename(path));
    } finally {
      await store.close();
    }
  };

const change = (draft: Draft): void => void (draft["changed"] = true);

function throughStore(
  name: string,
  kind: PublicCall["kind"],
  does: "reads" | "locks" | "changes",
  work: (store: Store, name: string) => unknown,
): PublicCall {
  return {
    name,
    kind,
    locks: does !== "reads",
    changes: does === "changes",
    makesDirectories: does !== "reads",
    run: inStore(work),
  };
}

const document = (store: Store, name: string) => store.document<Draft>({ name, defaults: () => ({}) });

export const widerCalls: readonly PublicCall[] = [
  { name: "lockAll", kind: "lock", locks: true, changes: false, run: lockedTogether },
  {
    name: "lockAllSync",
    kind: "lock",
    locks: true,
    changes: false,
    run: (path) => lockAllSync(withAnother(path), () => undefined, wait),
  },
  {
    name: "JsonlLog.transact",
    kind: "log",
    locks: true,
    changes: true,
    run: (path) => jsonlLog(path).transact((draft) => draft.append({ more: 1 }), wait),
  },
  throughStore("store.document.read", "document", "reads", (store, name) => store.document({ name }).read()),
  throughStore("store.document.update", "document", "changes", (store, name) =>
    document(store, name).update(change, wait),
  ),
  throughStore("store.document.remove", "document", "changes", (store, name) =>
    document(store, name).remove(wait),
  ),
  throughStore("store.log.append", "log", "changes", (store, name) =>
    store.log({ name }).append({ more: 1 }, wait),
  ),
  throughStore("store.lock", "lock", "locks", (store, name) =>
    store.lock(name).withWrite(() => undefined, wait),
  ),
  throughStore("store.transact, a document and a log", "document", "changes", (store, name) =>
    store.transact(
      { log: store.log({ name: "another.jsonl" }), document: document(store, name) },
      (drafts) => {
        drafts.log.append({ more: 1 });
        change(drafts.document.draft);
      },
      wait,
    ),
  ),
  throughStore("store.transact, a log and a document", "log", "changes", (store, name) =>
    store.transact(
      { document: document(store, "another.json"), log: store.log({ name }) },
      (drafts) => {
        change(drafts.document.draft);
        drafts.log.append({ more: 1 });
      },
      wait,
    ),
  ),
  throughStore("leases.acquire", "document", "changes", async (store, name) =>
    (await leases(store, { document: name }).acquire("work", wait)).release(),
  ),
];
