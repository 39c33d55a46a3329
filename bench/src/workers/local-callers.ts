/** Many callers of one process on one lock. Arguments: data file, callers, callers per kernel grant. A line is operations per caller. */
import { configureLocks, withWriteLock } from "@flockwork/core";
import { answerLines, costOf } from "./line-server.ts";

const [path = "", callers, cohortCallers] = process.argv.slice(2);
configureLocks({ cohortCallers: Number(cohortCallers) });
let counter = 0;
/** Asynchronous, as what callers do under a lock mostly is: after a wait, the lock of a synchronous one is released at once. */
const work = async (): Promise<void> => {
  counter += 1;
};

async function caller(operations: number): Promise<void> {
  for (let at = 0; at < operations; at += 1) await withWriteLock(path, work);
}

await answerLines(async (line) => {
  const each = Number(line);
  const all = each * Number(callers);
  const before = counter;
  const cost = await costOf(all, () =>
    Promise.all(Array.from({ length: Number(callers) }, () => caller(each))),
  );
  if (counter - before !== all) throw new Error(`${before + all - counter} sections did not run`);
  return cost;
});
