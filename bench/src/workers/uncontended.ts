/** One caller, one free lock, again and again. Arguments: data file, `async`, `sync` or `reopen`. A line is a count. */
import { configureLocks, withWriteLock, withWriteLockSync } from "@flockwork/core";
import { answerLines, costOf } from "./line-server.ts";

const [path = "", kind = "async"] = process.argv.slice(2);
if (kind === "reopen") configureLocks({ cachedDescriptors: 0 });
let counter = 0;
const work = (): void => {
  counter += 1;
};

function inSequence(count: number): void {
  for (let at = 0; at < count; at += 1) withWriteLockSync(path, work);
}

async function awaited(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await withWriteLock(path, work);
}

await answerLines(async (line) => {
  const count = Number(line);
  const before = counter;
  const cost = await costOf(count, () => (kind === "sync" ? inSequence(count) : awaited(count)));
  if (counter - before !== count) throw new Error(`${before + count - counter} sections did not run`);
  return cost;
});
