/** Program: a second process on the data of a case. Arguments: the module that opens the store, and what to open. */
import { createInterface } from "node:readline";
import { setImmediate as nextTurn } from "node:timers/promises";
import { leases, type Lease, type Store, type StoreLockHold } from "./core.ts";
import { add, counter, item, items } from "./case.ts";
import type { PeerCommand } from "./store-peer.ts";

interface Twins {
  one: number;
  two: number;
}

const [module = "", argument = ""] = process.argv.slice(2);
const { openStore } = (await import(module)) as { openStore: (argument: string) => Store | Promise<Store> };
const store = await openStore(argument);
const holds = new Map<string, StoreLockHold>();
const held = new Map<string, Lease>();
const forever = { timeoutMs: Infinity } as const;

function say(what: unknown): void {
  console.log(JSON.stringify(what));
}

function twins(name: string) {
  return store.document<Twins>({ name, defaults: () => ({ one: 0, two: 0 }) });
}

async function obey(command: PeerCommand): Promise<unknown> {
  switch (command.verb) {
    case "acquire":
      holds.set(command.name, await store.lock(command.name).acquire(command.mode ?? "exclusive", forever));
      return "acquired";
    case "try": {
      const hold = await store.lock(command.name).tryAcquire(command.mode ?? "exclusive");
      await hold?.release();
      return hold === undefined ? "busy" : "granted";
    }
    case "release":
      await holds.get(command.name)?.release();
      return "released";
    case "add": {
      const lease = command.lease === undefined ? undefined : held.get(command.lease);
      const firedFirst = lease?.signal.aborted;
      const options = lease === undefined ? forever : { ...forever, fence: lease.fence };
      try {
        for (let done = 0; done < command.times; done += 1)
          await counter(store, command.name).update(add, options);
      } catch (error) {
        return { error: (error as { code?: string }).code, firedFirst };
      }
      return "added";
    }
    case "twin":
      for (let done = 0; done < command.times; done += 1)
        await twins(command.name).update((draft) => {
          draft.one += 1;
          draft.two += 1;
        }, forever);
      return "added";
    case "read":
      return counter(store, command.name).read();
    case "watch twins":
      for (let reads = 0; ; reads += 1) {
        const { one, two } = await twins(command.name).read();
        if (one !== two) return { torn: [one, two] };
        if (one >= 1_000) return { reads };
        await nextTurn();
      }
    case "append": {
      const records = Array.from({ length: command.times }, (_, at) => item(`${command.prefix}${at}`));
      if (command.batch === true) await items(store, command.name).appendMany(records, forever);
      else for (const record of records) await items(store, command.name).append(record, forever);
      return "appended";
    }
    case "move": {
      const members = { from: counter(store, command.from), to: counter(store, command.to) };
      for (let done = 0; done < command.times; done += 1)
        await store.transact(
          members,
          ({ from, to }) => {
            from.draft.count -= 1;
            to.draft.count += 1;
          },
          forever,
        );
      return "moved";
    }
    case "hang in update":
      await counter(store, command.name).update(async (draft) => {
        draft.count = 999;
        say("begun");
        await new Promise(() => setInterval(() => undefined, 1_000));
      }, forever);
      return "unreachable";
    case "hang in transact":
      await store.transact({ count: counter(store, command.name), items: items(store) }, async (tx) => {
        tx.count.draft.count = 999;
        tx.items.append(item("half"));
        say("begun");
        await new Promise(() => setInterval(() => undefined, 1_000));
      });
      return "unreachable";
    case "lease": {
      const lease = await leases(store).acquire(command.name, { leaseMs: command.leaseMs, graceMs: 0 });
      held.set(command.name, lease);
      return lease.token;
    }
  }
}

say("ready");
for await (const line of createInterface({ input: process.stdin })) {
  try {
    say(await obey(JSON.parse(line) as PeerCommand));
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    say({ error: code ?? message });
  }
}
process.exit(0);
