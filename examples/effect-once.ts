// Workers are killed in the middle of jobs. Each job runs at least once; its effect happens once, in one commit with its end.
//   ./dev node --conditions=@flockwork/source examples/effect-once.ts
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStore, type StoreLog } from "@flockwork/core";
import { openQueue, type Queue } from "@flockwork/queue";

const payments = 30;
const [role, root = ""] = process.argv.slice(2);
await (role === "worker" ? work(root) : demonstrate());

/** Pays until nothing is left to pay. The first attempt at every fifth payment dies with its work done and nothing committed. */
async function work(directory: string): Promise<void> {
  const { queue, ledger } = open(directory);
  for (;;) {
    const [claim] = await queue.claim();
    if (claim === undefined) break;
    await claim.completeWith({ ledger }, async (drafts) => {
      drafts.ledger.append({ paid: claim.job.payload });
      if (claim.job.attempts === 1 && claim.job.payload % 5 === 0) await killed();
    });
  }
  await queue.close();
}

async function demonstrate(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "flockwork-example-"));
  try {
    const { queue, ledger } = open(directory);
    await queue.enqueueMany(Array.from({ length: payments }, (_, payload) => ({ payload })));
    let killings = 0;
    const runWorker = async (): Promise<void> => {
      const [, signal] = (await once(start(directory), "exit")) as [number | null, string | null];
      if (signal !== "SIGKILL") return;
      killings += 1;
      await runWorker();
    };
    while ((await queue.stats()).completed < payments) await Promise.all([runWorker(), runWorker()]);
    const paid = (await ledger.read()).map((entry) => entry.paid);
    const isOnceEach = paid.length === payments && new Set(paid).size === payments;
    console.log(
      `proof: ${killings} workers were killed, ${payments} jobs made ${paid.length} payments, one each`,
    );
    process.exitCode = isOnceEach && killings > 0 ? 0 : 1;
    await queue.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function open(directory: string): { queue: Queue<number, void>; ledger: StoreLog<{ paid: number }> } {
  const store = fileStore(directory);
  return { queue: openQueue<number, void>(store), ledger: store.log({ name: "ledger.jsonl" }) };
}

function start(directory: string): ChildProcess {
  return fork(import.meta.filename, ["worker", directory]);
}

async function killed(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return await new Promise<never>(() => {});
}
