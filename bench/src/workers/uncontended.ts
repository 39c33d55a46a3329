/** One caller, one free lock, again and again. Arguments: data file, a way to lock, or `reopen`: ours with no descriptor kept. A line is a count. */
import { configureLocks } from "@flockwork/core";
import { answerLines, costOf } from "./line-server.ts";
import { openLockWay, prepareFile } from "./lock-ways.ts";

const [path = "", name = "ours"] = process.argv.slice(2);
if (name === "reopen") configureLocks({ cachedDescriptors: 0 });
const way = openLockWay(name === "reopen" ? "ours" : name);
prepareFile(path);
let counter = 0;
const work = (): void => {
  counter += 1;
};

function inSequence(count: number): void {
  for (let at = 0; at < count; at += 1) void way(path, work);
}

async function awaited(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await way(path, work);
}

await answerLines(async (line) => {
  const count = Number(line);
  const before = counter;
  const cost = await costOf(count, () => (name === "ours, sync" ? inSequence(count) : awaited(count)));
  if (counter - before !== count) throw new Error(`${before + count - counter} sections did not run`);
  return cost;
});
