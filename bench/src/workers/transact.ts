/**
 * Commits of two documents of 2 KB and a log. Arguments: a directory to make, way. A line is how many commits. `raw` writes as
 * many files and makes the same syncs, one after the other, without locks, names that change, or a way back.
 * Checks at each answer that no commit was lost.
 */
import { closeSync, fdatasyncSync, fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { answerLines, costOf } from "./line-server.ts";

interface Counted {
  counter: number;
  readonly padding: string;
}

const [directory = "", way = "ours"] = process.argv.slice(2);
const padding = "x".repeat(2_000);
const lines = '{"type":"first"}\n{"type":"second"}\n';
mkdirSync(directory, { recursive: true });

function ours(): () => Promise<unknown> {
  const store = fileStore(directory);
  const defaults = (): Counted => ({ counter: 0, padding });
  const left = store.document<Counted>({ name: "left.json", defaults });
  const right = store.document<Counted>({ name: "right.json", defaults });
  const log = store.log<{ type: string }>({ name: "log.jsonl" });
  let expected = 0;
  return async () => {
    const { members } = await store.transact({ left, right, log }, (tx) => {
      tx.left.draft.counter += 1;
      tx.right.draft.counter += 1;
      tx.log.append({ type: "first" }, { type: "second" });
    });
    expected += 1;
    const counters = [members.left.value.counter, members.right.value.counter, members.log.nextPosition / 2];
    if (counters.some((counter) => counter !== expected)) throw new Error(`commits lost: ${counters.join()}`);
  };
}

/** Three staged files and the record; its name; the log; the directory of the new names. */
function raw(): () => Promise<void> {
  const inDirectory = openSync(directory, "r");
  const log = openSync(join(directory, "log.jsonl"), "a");
  let created = 0;
  const syncDirectory = (): void => {
    closeSync(openSync(join(directory, `name-${(created += 1)}`), "w")); // something to sync
    fsyncSync(inDirectory);
  };
  return () => {
    for (const text of [padding, padding, lines, lines.repeat(20)]) {
      const fd = openSync(join(directory, `staged-${(created += 1)}`), "w");
      writeSync(fd, text);
      fsyncSync(fd);
      closeSync(fd);
    }
    syncDirectory();
    writeSync(log, lines);
    fdatasyncSync(log);
    syncDirectory();
    return Promise.resolve();
  };
}

const commit = way === "ours" ? ours() : raw();
await answerLines((line) =>
  costOf(Number(line), async () => {
    for (let at = 0; at < Number(line); at += 1) await commit();
  }),
);
