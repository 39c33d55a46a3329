/**
 * Clients of a queue that do what chance says, and tell of each call before and after: `begin <id> <at> <input>`, then
 * `end <id> <at> <output>`; at the end of a history `over`. Each line of input begins one: directory, name, seed, calls per client.
 */
import { flushCompileCache } from "node:module";
import { createInterface } from "node:readline";
import { closeAppendFiles, closeIdleLocks, fileStore, systemClock } from "../harness/core.ts";
import { Random } from "../harness/random.ts";
import { openQueue, type Claim, type Queue } from "./package.ts";

let random = new Random(0);
let name = "";
let queue: Queue<string>;
let lastCall = 0;

async function tell<R>(
  input: object,
  call: () => Promise<R>,
  outputOf: (result: R, begunAt: number) => object,
): Promise<R | undefined> {
  const id = `${name}.${(lastCall += 1)}`;
  const begunAt = systemClock.monotonic();
  console.log(`begin ${id} ${begunAt} ${JSON.stringify(input)}`);
  let result: R;
  try {
    result = await call();
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_STALE_FENCING_TOKEN") throw error;
    console.log(
      `end ${id} ${systemClock.monotonic()} ${JSON.stringify({ kind: "accepted", accepted: false })}`,
    );
    return undefined;
  }
  console.log(`end ${id} ${systemClock.monotonic()} ${JSON.stringify(outputOf(result, begunAt))}`);
  return result;
}

const accepted = (): object => ({ kind: "accepted", accepted: true });

async function settle(claim: Claim<string>): Promise<void> {
  const value = claim.job.payload;
  const { token } = claim;
  const call = random.pick([
    ["complete", () => claim.complete()],
    ["complete", () => claim.complete()],
    ["release", () => claim.release()],
    ["release", () => claim.fail("again", { delayMs: 0 })],
    ["bury", () => claim.fail("never", { unrecoverable: true })],
  ] as const);
  await tell({ kind: call[0], value, token }, call[1], accepted);
}

async function client(who: number, calls: number): Promise<void> {
  const held: Claim<string>[] = [];
  for (let at = 0; at < calls; at += 1) {
    const choice = random.next();
    const next = held[0];
    if (choice < 0.35) {
      const value = `${name}-${who}-${at}`;
      const group = choice < 0.15 ? { group: `g${random.between(0, 2)}` } : {};
      await tell(
        { kind: "enqueue", value },
        () => queue.enqueue(value, { maxAttempts: 1_000, ...group }),
        accepted,
      );
    } else if (choice < 0.7 || next === undefined) {
      const leaseMs = random.pick([20, 100, 2_000]);
      const claims = await tell(
        { kind: "claim" },
        () => queue.claim({ leaseMs }),
        ([claim], begunAt) =>
          claim === undefined
            ? { kind: "claimed" }
            : { kind: "claimed", value: claim.job.payload, token: claim.token, until: begunAt + leaseMs },
      );
      held.push(...(claims ?? []));
    } else {
      held.shift();
      await settle(next);
    }
  }
}

flushCompileCache(); // it will be killed: the next ones start three times as fast
for await (const line of createInterface({ input: process.stdin })) {
  const [directory = "", ownName = "", seed = "", calls = ""] = line.split(" ");
  name = ownName;
  random = new Random(Number(seed));
  queue = openQueue<string>(fileStore(directory), { directory: "queue", durability: "os" });
  await Promise.all([1, 2, 3].map((who) => client(who, Number(calls))));
  await queue.close();
  closeAppendFiles();
  closeIdleLocks();
  console.log("over");
}
