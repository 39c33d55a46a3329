import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonDocument } from "../../src/document/json-document.ts";
import { CommitUncertainError, StoreError } from "../../src/errors.ts";
import { countingCalls, errnos, failingAt } from "../atomic/faults.ts";
import { failingStat } from "./file-calls.ts";
import { descriptorsIn, namesIn, temporaryDirectory } from "../atomic/surroundings.ts";

interface Counter {
  n: number;
}

const add = (draft: Counter): void => void draft.n++;

describe.each([
  ["update", (path: string) => jsonDocument<Counter>(path).update(add)],
  ["updateSync", async (path: string) => jsonDocument<Counter>(path).updateSync(add)],
] as const)("%s while the system fails", (_name, update) => {
  it.each(errnos)(
    "P6: %s at any file call leaves the old content or the new, and says which",
    async (code) => {
      const directory = temporaryDirectory();
      const path = join(directory, "doc.json");
      writeFileSync(path, '{"n":0}');
      const { calls } = await countingCalls(() => update(path));
      let rejections = 0;
      let uncertain = 0;
      for (const onward of [false, true]) {
        for (let n = 0; n < calls.length; n += 1) {
          writeFileSync(path, '{"n":100}');
          const { outcome } = await failingAt(n, code, onward, () => update(path));
          const content = readFileSync(path, "utf8");
          const at = `call ${n} (${calls[n]}), onward: ${onward}`;
          if (outcome.status === "fulfilled") expect(content, at).toBe('{"n":101}');
          else {
            rejections += 1;
            expect(outcome.reason, at).toBeInstanceOf(StoreError);
            const isUncertain = outcome.reason instanceof CommitUncertainError;
            if (isUncertain) uncertain += 1;
            // Where the disk fails from before the rename on, it takes no sync either: nobody can say which stands.
            const isUndecided = isUncertain && code === "EIO" && onward && content === '{"n":100}';
            const isNew = isUncertain && !isUndecided;
            expect(content, `${at}: ${String(outcome.reason)}`).toBe(isNew ? '{"n":101}' : '{"n":100}');
          }
          if (!onward) expect(namesIn(directory), at).toEqual(["doc.json"]);
          expect(descriptorsIn(directory), at).toEqual([]);
          // The lock is free, and nothing cached from before the failure is believed.
          const doc = jsonDocument<Counter>(path);
          expect(doc.readSync(), at).toEqual(JSON.parse(content));
          expect((await doc.update(add, { timeoutMs: 1_000 })).value).toEqual({
            n: JSON.parse(content).n + 1,
          });
        }
      }
      expect(rejections).toBeGreaterThan(calls.length / 2);
      expect(uncertain).toBeGreaterThan(0);
    },
  );
});

it("P6: a failing stat fails the change or does not matter, and never hides one that was made", async () => {
  const path = join(temporaryDirectory(), "doc.json");
  writeFileSync(path, '{"n":0}');
  const doc = jsonDocument<Counter>(path);
  const statuses = new Set<string>();
  for (let n = 0; n < 4; n += 1) {
    const before = (await doc.read()).n;
    const outcome = await failingStat(path, n, () => doc.update(add));
    statuses.add(outcome.status);
    if (outcome.status === "rejected")
      expect(outcome.reason).toMatchObject({ code: "ERR_READ_FAILED", osCode: "EIO" });
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      n: outcome.status === "rejected" ? before : before + 1,
    });
    expect(await doc.read()).toEqual(JSON.parse(readFileSync(path, "utf8")));
  }
  expect([...statuses].toSorted()).toEqual(["fulfilled", "rejected"]);
});

it("P6: when a shared commit fails, all whose changes were in it are told, and those before it are not", async () => {
  const path = join(temporaryDirectory(), "doc.json");
  writeFileSync(path, '{"n":0}');
  const doc = jsonDocument<Counter>(path);
  const run = (): Promise<PromiseSettledResult<unknown>[]> =>
    Promise.allSettled([
      doc.update(() => undefined),
      doc.update(add),
      doc.update(() => undefined),
      doc.update(add),
    ]);
  await doc.update(add);
  const { calls } = await countingCalls(run);
  writeFileSync(path, '{"n":0}');
  const { outcome } = await failingAt(calls.indexOf("fsync"), "ENOSPC", false, run);
  const refused = { reason: { code: "ERR_WRITE_FAILED", osCode: "ENOSPC" } };
  expect(outcome).toMatchObject({ value: [{ value: { value: { n: 0 } } }, refused, refused, refused] });
  expect(await doc.read()).toEqual({ n: 0 });
});

it.each(errnos)("P6: %s at any call of a read is a typed error, and leaks no descriptor", async (code) => {
  const directory = temporaryDirectory();
  const path = join(directory, "doc.json");
  const content = (n: number): string => `{"n":${n}}`;
  writeFileSync(path, content(0));
  const doc = jsonDocument<Counter>(path);
  const { calls } = await countingCalls(() => doc.read());
  for (let n = 0; n < calls.length; n += 1) {
    writeFileSync(path, content(n + 1));
    const { outcome } = await failingAt(n, code, false, () => doc.read());
    if (outcome.status === "rejected") expect(outcome.reason, calls[n]).toBeInstanceOf(StoreError);
    else expect(outcome.value).toEqual({ n: n + 1 });
    expect(descriptorsIn(directory)).toEqual([]);
    expect(await doc.read()).toEqual({ n: n + 1 });
  }
  expect(calls.length).toBeGreaterThan(3);
});
