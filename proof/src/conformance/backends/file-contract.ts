import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { jsonDocument, jsonlLog, updateJson, updateJsonSync } from "../../harness/core.ts";
import { deepEqual, equal, errorOf, ok, type ContractCase } from "./contract.ts";

interface Count {
  count: number;
}

/** What documents and logs promise, whatever holds their locks. */
export const fileContract: readonly ContractCase[] = [
  {
    name: "D1: updates of two processes and many callers of a document add up",
    async run({ directory, options, peer }) {
      const path = `${directory}/count.json`;
      writeFileSync(path, '{"count": 0}\n');
      const other = await peer();
      const theirs = other.tell({ verb: "increment", path, times: 20 });
      const add = (draft: Count): void => void (draft.count += 1);
      const ours = Array.from({ length: 20 }, () =>
        updateJson<Count>(path, add, { ...options, timeoutMs: 60_000 }),
      );
      await Promise.all([...ours, theirs]);
      for (let done = 0; done < 5; done += 1) updateJsonSync<Count>(path, add, options);
      equal(readFileSync(path, "utf8"), '{"count": 45}\n');
    },
  },
  {
    name: "D2: of two changes that expect one revision, one is refused",
    async run({ directory, options }) {
      const document = jsonDocument<Count>(`${directory}/count.json`, {
        ...options,
        defaults: () => ({ count: 0 }),
      });
      await document.write({ count: 1 });
      const { revision } = await document.readWithRevision();
      await document.update((draft) => void (draft.count += 1), { expectedRevision: revision });
      const second = document.update((draft) => void (draft.count += 1), { expectedRevision: revision });
      equal((await errorOf(second)).code, "ERR_REVISION_CONFLICT");
      deepEqual(await document.read(), { count: 2 });
    },
  },
  {
    name: "D6: an update keeps unknown fields, key order, layout and big numbers",
    async run({ directory, options }) {
      const path = `${directory}/odd.json`;
      const text = '{\n\t"z": 12345678901234567890,\n\t"count": 1,\n\t"unknown": {"a":[1,  2]}\n}';
      writeFileSync(path, text);
      await updateJson<Count>(path, (draft) => void (draft.count = 2), options);
      equal(readFileSync(path, "utf8"), text.replace('"count": 1', '"count": 2'));
    },
  },
  {
    name: "a recipe that throws changes nothing, and its neighbours succeed",
    async run({ directory, options }) {
      const path = `${directory}/count.json`;
      writeFileSync(path, '{"count": 0}');
      const reason = new Error("no");
      const calls = [0, 1, 2].map((at) =>
        updateJson<Count>(
          path,
          (draft) => {
            draft.count += 1;
            if (at === 1) throw reason;
          },
          options,
        ),
      );
      const settled = await Promise.allSettled(calls);
      deepEqual(
        settled.map(({ status }) => status),
        ["fulfilled", "rejected", "fulfilled"],
      );
      equal(readFileSync(path, "utf8"), '{"count": 2}');
    },
  },
  {
    name: "G1, G3: records of two processes are all in the log, each writer's in its order",
    async run({ directory, options, peer }) {
      const path = `${directory}/log.jsonl`;
      const other = await peer();
      const theirs = other.tell({ verb: "append", path, times: 30 });
      const log = jsonlLog<{ by: number; at: number }>(path, { ...options, timeoutMs: 60_000 });
      await Promise.all(Array.from({ length: 30 }, (_, at) => log.append({ by: 0, at })));
      await theirs;
      const records = await log.read();
      equal(records.length, 60);
      for (const mine of [true, false]) {
        const order = records.filter(({ by }) => (by === 0) === mine).map(({ at }) => at);
        equal(order.join(), Array.from({ length: 30 }, (_, at) => at).join());
      }
    },
  },
  {
    name: "G4: a reader that follows sees every record once, in order, without holes",
    async run({ directory, options, peer }) {
      const path = `${directory}/log.jsonl`;
      const other = await peer();
      const log = jsonlLog<{ at: number }>(path, options);
      const controller = new AbortController();
      const appended = other.tell({ verb: "append", path, times: 25 });
      const seen: number[] = [];
      for await (const { record } of log.follow({ signal: controller.signal })) {
        seen.push(record.at);
        if (seen.length === 25) break;
      }
      controller.abort();
      await appended;
      equal(seen.join(), Array.from({ length: 25 }, (_, at) => at).join());
    },
  },
  {
    name: "G5: a torn tail is set aside by the next append, byte for byte",
    async run({ directory, options }) {
      const path = `${directory}/log.jsonl`;
      writeFileSync(path, '{"a":1}\n{"b":');
      const receipt = await jsonlLog(path, options).append({ c: 3 });
      equal(readFileSync(path, "utf8"), '{"a":1}\n{"c":3}\n');
      ok(receipt.quarantined !== undefined, "the receipt does not name it");
      equal(readFileSync(receipt.quarantined.path, "utf8"), '{"b":');
    },
  },
  {
    name: "nothing but locks stays beside the files",
    async run({ directory, options }) {
      await jsonDocument(`${directory}/a.json`, { ...options, defaults: () => ({}) }).write({ a: 1 });
      await jsonlLog(`${directory}/b.jsonl`, options).append(1);
      const names = readdirSync(directory).filter((name) => !/\.(lock|gate)$/.test(name));
      deepEqual(names.toSorted(), ["a.json", "b.jsonl"]);
    },
  },
];
