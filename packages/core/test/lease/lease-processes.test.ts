import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

import { compareFencingTokens } from "../../src/lease/fencing-token.ts";
import { leases } from "../../src/lease/leases.ts";
import { temporaryDirectory, Worker } from "../atomic/surroundings.ts";
import type { Said } from "./fixtures/lease-holder.ts";
import { Place } from "./support/place.ts";

const fixture = new URL("./fixtures/lease-holder.ts", import.meta.url);
const leaseMs = 4_000;

async function startHolder(place: Place, task: string): Promise<{ holder: Worker; token: string }> {
  const holder = new Worker(fixture, place.directory, task, `${leaseMs}`);
  const { acquired = "" } = (await holder.message()) as Said;
  return { holder, token: acquired };
}

/** Asks a holder to write, and hears what became of it. */
async function write(holder: Worker): Promise<Said> {
  const answer = holder.message();
  holder.child.send("write");
  return (await answer) as Said;
}

test("T7: a holder that was paused past its lease is refused after a takeover, and its signal fired before", async () => {
  const place = new Place(temporaryDirectory());
  const { holder, token } = await startHolder(place, "hold");
  expect(await write(holder)).toEqual({ wrote: 1 });
  holder.child.send("stop");
  const rival = await leases(place.store, { leaseMs }).acquire("work");
  expect(compareFencingTokens(rival.token, token)).toBeGreaterThan(0);
  const answer = holder.message();
  holder.child.send("write");
  holder.child.kill("SIGCONT");
  expect(await answer).toEqual({ refused: "ERR_LEASE_LOST", signalled: true });
  await place.write("rival", rival.fence);
  expect(await write(holder)).toEqual({ refused: "ERR_LEASE_LOST", signalled: true });
  expect((await place.written()).map(({ by }) => by)).toEqual(["hold", "rival"]);
  await rival.release();
});

test("L4: a lease whose holder was killed is free when its time and its grace are over", async () => {
  const place = new Place(temporaryDirectory());
  const { holder, token } = await startHolder(place, "hold");
  await holder.kill();
  const next = await leases(place.store, { leaseMs }).acquire("work", { timeoutMs: 60_000 });
  expect(compareFencingTokens(next.token, token)).toBeGreaterThan(0);
  await next.release();
});

test("P7: holders killed while they renew leave a whole record, and each next grant a higher token", async () => {
  const place = new Place(temporaryDirectory());
  let highest = "0";
  for (let round = 0; round < 2; round += 1) {
    const { holder, token } = await startHolder(place, "renew");
    expect(compareFencingTokens(token, highest)).toBeGreaterThan(0);
    highest = token;
    await sleep(25 * round); // not to wait for something: to be killed elsewhere each time
    await holder.kill();
    expect(await leases(place.store).inspect("work")).toMatchObject({ token });
  }
});

test("L1, L2: processes that take one lease in turn are never inside together, and their tokens grow", async () => {
  const place = new Place(temporaryDirectory());
  const workers = Array.from({ length: 3 }, () => new Worker(fixture, place.directory, "take", "20000"));
  expect(await Promise.all(workers.map((worker) => worker.exit()))).toEqual([0, 0, 0]);
  const written = await place.written();
  expect(written).toHaveLength(24);
  const tokens = written.map(({ token }) => token);
  expect(tokens.toSorted(compareFencingTokens)).toEqual(tokens);
  expect(new Set(tokens).size).toBe(24);
});

test("a process that has nothing else to do ends with a lease held, and the lease ends after it", async () => {
  const place = new Place(temporaryDirectory());
  const { holder } = await startHolder(place, "hold");
  holder.child.disconnect();
  const [code] = (await once(holder.child, "exit")) as [number];
  expect(code).toBe(0);
  expect(await leases(place.store).inspect("work")).toHaveProperty(
    "state",
    expect.stringMatching(/held|grace/),
  );
});
