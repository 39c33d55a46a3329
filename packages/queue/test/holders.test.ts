/** Who holds a claim is a process, whatever it calls itself. */
import { expect, test } from "vitest";
import { openTestQueue, temporaryStore } from "./support/queue-directory.ts";
import { kill, nextMessage, startPeer } from "./support/queue-peer.ts";

interface Told {
  readonly claimed?: string;
}

test("a program that was started again under its name has nothing of the one before, and keeps what it claims", async () => {
  const { store, directory } = temporaryStore();
  const other = openTestQueue(store);
  const { id } = await other.enqueue(0);
  for (let crashes = 0; crashes < 2; crashes += 1) {
    const peer = startPeer(directory, "named", "worker 1");
    expect(await nextMessage<Told>(peer)).toEqual({ claimed: id }); // the only job there is: its predecessor's
    await openTestQueue(store).claim(); // looks who has died
    expect(await other.get(id)).toMatchObject({ state: "claimed", holder: "worker 1", crashes });
    await kill(peer);
  }
  const [claim] = await openTestQueue(store, { holder: "worker 1" }).claim();
  expect(claim?.job).toMatchObject({ id, attempts: 3, crashes: 2 });
});
