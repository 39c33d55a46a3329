/**
 * Waits for a lock that another process holds. Argument: data file. Lines:
 * `abort <n>` gives up that many waits and answers how long each took to end; `idle <ms>` answers the processor time of a wait;
 * `wait` answers when it was let in; `queue` starts a wait that stays and answers when it began; `exit` answers and exits at once.
 */
import { setTimeout as delay } from "node:timers/promises";
import { acquireLock } from "@flockwork/core";
import { answerLines } from "./line-server.ts";

const [path = ""] = process.argv.slice(2);

async function abortOnce(): Promise<number> {
  const controller = new AbortController();
  const wait = acquireLock(path, "exclusive", { signal: controller.signal }).catch(() => performance.now());
  await delay(2);
  const abortedAt = performance.now();
  controller.abort();
  const endedAt = await wait;
  if (typeof endedAt !== "number") throw new Error("the lock was free");
  return endedAt - abortedAt;
}

async function idle(ms: number): Promise<{ percent: number }> {
  const controller = new AbortController();
  const wait = acquireLock(path, "exclusive", { signal: controller.signal }).catch(() => undefined);
  await delay(200);
  const before = process.cpuUsage();
  const since = performance.now();
  await delay(ms);
  const { user, system } = process.cpuUsage(before);
  const percent = (user + system) / 10 / (performance.now() - since);
  controller.abort();
  await wait;
  return { percent };
}

await answerLines(async (line) => {
  const [order, argument] = line.split(" ");
  if (order === "abort") {
    const latenciesMs: number[] = [];
    for (let at = 0; at < Number(argument); at += 1) latenciesMs.push(await abortOnce());
    return { latenciesMs };
  }
  if (order === "idle") return idle(Number(argument));
  if (order === "wait") {
    const lock = await acquireLock(path, "exclusive");
    const enteredAtNs = String(process.hrtime.bigint());
    await lock.release();
    return { enteredAtNs };
  }
  if (order === "queue") {
    void acquireLock(path, "exclusive");
    await delay(50);
    return {};
  }
  process.stdout.write("{}\n", () => process.exit(0));
  return new Promise(() => {});
});
