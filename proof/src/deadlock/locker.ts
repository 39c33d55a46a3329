/**
 * Program: locks random sets of files, each in an order of its own, and adds 1 to every one of them. Arguments: how (`async`, `sync`
 * or `transact`), directory, sets, seed. Ends by saying how much it did, unless a wait for a lock timed out.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileStore, lockAll, lockAllSync, type LockAllItem, type StoreDocument } from "../harness/core.ts";
import { Random } from "../harness/random.ts";
import { enterAlone } from "../harness/witness.ts";
import { counters, deadlockMs, nameOf } from "./counters.ts";

const [how = "", directory = "", sets = "0", seed = "0"] = process.argv.slice(2);
const random = new Random(Number(seed));
const store = fileStore(directory);

/** Two to five of them, some only to be read, in any order. */
function randomSet(): readonly (LockAllItem & { readonly name: string })[] {
  const all = random.shuffled(Array.from({ length: counters }, (_, at) => nameOf(at)));
  return all.slice(0, random.between(2, 5)).map((name) => ({
    name,
    path: join(directory, name),
    mode: random.next() < 0.25 ? "shared" : "exclusive",
  }));
}

function addOneTo(items: readonly LockAllItem[]): void {
  const leave = items
    .filter(({ mode }) => mode === "exclusive")
    .map(({ path }) => {
      const out = enterAlone(`${path}.witness`);
      const { count } = JSON.parse(readFileSync(path, "utf8")) as { count: number };
      writeFileSync(path, JSON.stringify({ count: count + 1 }));
      return out;
    });
  for (const out of leave) out();
}

/** What a program did. */
export interface Locked {
  /** Sets of files that were locked together. */
  readonly sets: number;
  /** What was added, to all of them. */
  readonly added: number;
}

let done = 0;
let added = 0;

async function lockSet(): Promise<void> {
  const items = randomSet();
  const writes = items.filter(({ mode }) => mode === "exclusive");
  added += how === "transact" ? items.length : writes.length;
  if (how === "sync") return lockAllSync(items, () => addOneTo(items), { timeoutMs: deadlockMs });
  if (how === "async") return await lockAll(items, () => addOneTo(items), { timeoutMs: deadlockMs });
  const members: Record<string, StoreDocument<{ count: number }>> = {};
  for (const { name } of items) members[name] = store.document({ name, durability: "os" });
  await store.transact(
    members,
    (drafts) => {
      for (const { draft } of Object.values(drafts)) draft.count += 1;
    },
    { timeoutMs: deadlockMs },
  );
}

/** Two callers at once, where a caller does not block the other. */
async function lockSets(times: number): Promise<void> {
  for (let at = 0; at < times; at += 1) {
    await lockSet();
    done += 1;
  }
}

const half = Math.ceil(Number(sets) / 2);
await Promise.all(
  how === "sync" ? [lockSets(Number(sets))] : [lockSets(half), lockSets(Number(sets) - half)],
);
await store.close();
console.log(JSON.stringify({ sets: done, added } satisfies Locked));
