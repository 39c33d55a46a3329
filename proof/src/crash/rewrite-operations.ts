import type { StoreLog } from "../harness/core.ts";
import { changing, logName, record, recordText } from "./contents.ts";
import type { CrashOperation } from "./crash-operation.ts";
import { committing, open, type OpenMembers } from "./transact-operations.ts";

const rewrittenMembers = ["left.json", logName, "second.jsonl"] as const;

function openRewritten(
  directory: string,
): Omit<OpenMembers, "right"> & { readonly second: StoreLog<unknown> } {
  const { store, left, events } = open(directory);
  return { store, left, events, second: store.log<unknown>({ name: "second.jsonl" }) };
}

/** One commit that rewrites two logs, each to what it is in this round, and changes a document. */
function rewriteBoth(directory: string, round: number): Promise<unknown> {
  const { store, ...all } = openRewritten(directory);
  return store.transact(all, async (tx) => {
    tx.left.draft.rounds = round;
    for (const log of [tx.events, tx.second]) log.rewrite([...(await log.entries()).slice(1), record(round)]);
  });
}

const rewriting = {
  files: rewrittenMembers,
  content: (file: string, rounds: number): string | undefined =>
    file === "left.json" ? changing.content(file, rounds) : recordText(rounds),
  follow: async (directory: string): Promise<void> => {
    const { store, ...all } = openRewritten(directory);
    await store.transact(all, (tx) => {
      tx.left.draft.rounds = -1;
      tx.events.append("followed");
      tx.second.append("followed");
    });
  },
  followed: (content: string | undefined): string => committing.followed?.(content) ?? "",
};

/** A commit that rewrites two logs and changes a document, with those who may come by it after a crash. */
export const rewriteOperations: readonly CrashOperation[] = (
  [
    ["the document", (directory) => openRewritten(directory).left.readLocked()],
    ["one log", (directory) => openRewritten(directory).second.transact(() => undefined)],
  ] satisfies [string, CrashOperation["recover"]][]
).map(([first, recover]) => ({
  name: `store.transact that rewrites two logs, then ${first}`,
  ...rewriting,
  recover,
  run: rewriteBoth,
}));
