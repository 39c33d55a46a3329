/**
 * Many callers of one process who all want one lock. Arguments: data file, way, callers. A line is seconds: answers how often a
 * caller got in, and how many of them did. Whoever still waits then is left waiting: the process is to be killed.
 */
import { answerLines } from "./line-server.ts";
import { openLockWay, prepareFile } from "./lock-ways.ts";

const [path = "", name = "ours", callers = "1000"] = process.argv.slice(2);
const way = openLockWay(name);
prepareFile(path);
for (let at = 0; at < 200; at += 1) await way(path, () => {}); // compiled by now
const served = new Map<number, number>();

async function caller(own: number, endAt: number): Promise<void> {
  while (performance.now() < endAt) {
    await way(path, () => {
      if (performance.now() < endAt) served.set(own, (served.get(own) ?? 0) + 1);
    });
    await Promise.resolve();
  }
}

await answerLines(async (line) => {
  served.clear();
  const before = process.cpuUsage();
  const endAt = performance.now() + Number(line) * 1000;
  const all = Array.from({ length: Number(callers) }, (_, own) => caller(own, endAt));
  const over = new Promise<void>((resolve) => setTimeout(resolve, Number(line) * 1000));
  await Promise.race([Promise.all(all), over]);
  const { user, system } = process.cpuUsage(before);
  const operations = [...served.values()].reduce((sum, count) => sum + count, 0);
  return { operations, served: served.size, cpuUs: user + system };
});
