import { renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { jsonDocument } from "../../src/document/json-document.ts";
import { recentEngineCount } from "../../src/document/engine-registry.ts";
import { updateJson } from "../../src/document/update-json.ts";
import { realFileSystem, substituteFileSystem } from "../../src/platform/file-system.ts";
import { fileCallsOf } from "./file-calls.ts";
import { temporaryDirectory } from "../atomic/surroundings.ts";

interface Counter {
  n: number;
}

function fresh(): string {
  const path = join(temporaryDirectory(), "doc.json");
  writeFileSync(path, '{"n":1}');
  return path;
}

/** Until the content is proven: the stamps of the file have been seen long enough. */
async function untilCached(doc: ReturnType<typeof jsonDocument>): Promise<void> {
  await vi.waitUntil(async () => (await fileCallsOf(() => doc.readSync())).calls.join() === "statSync", {
    interval: 5,
    timeout: 60_000,
  });
}

it("a file that does not change costs one stat to read, and gives the same value", async () => {
  const doc = jsonDocument<Counter>(fresh());
  const value = await doc.read();
  await untilCached(doc);
  const { result, calls } = await fileCallsOf(() => [doc.readSync(), doc.readSync()]);
  expect(calls).toEqual(["statSync", "statSync"]);
  expect(result.every((again) => again === value)).toBe(true);
});

it("a rewrite in place that keeps size and modification time is seen", async () => {
  const path = fresh();
  utimesSync(path, 1_000_000, 1_000_000);
  const doc = jsonDocument<Counter>(path);
  expect(doc.readSync()).toEqual({ n: 1 });
  await untilCached(doc);
  writeFileSync(path, '{"n":2}');
  utimesSync(path, 1_000_000, 1_000_000);
  expect(doc.readSync()).toEqual({ n: 2 });
});

it("stamps that did not move prove nothing about a rewrite right after the read", async () => {
  const path = fresh();
  const frozen = realFileSystem.statSync(path);
  if (frozen === undefined) throw new Error("the file is missing");
  // Faster than the clock that stamps files: every identity is that of the first read, at the same moment.
  const restore = substituteFileSystem({ statSync: () => frozen, fstatSync: () => frozen });
  const clock = vi.spyOn(performance, "now").mockReturnValue(1_000_000);
  try {
    const doc = jsonDocument<Counter>(path);
    for (let n = 2; n < 6; n += 1) {
      expect(doc.readSync()).toEqual({ n: n - 1 });
      writeFileSync(path, `{"n":${n}}`);
    }
    clock.mockReturnValue(1_000_019);
    expect(await doc.read()).toEqual({ n: 5 });
    writeFileSync(path, '{"n":6}');
    expect(await doc.read()).toEqual({ n: 6 });
    // Nor about one right after our own write.
    expect((await doc.update((draft) => void draft.n++)).value).toEqual({ n: 7 });
    writeFileSync(path, '{"n":8}');
    expect(doc.readSync()).toEqual({ n: 8 });
  } finally {
    clock.mockRestore();
    restore();
  }
});

it("what was read again and is the same is not parsed again", async () => {
  const path = fresh();
  const doc = jsonDocument<Counter>(path);
  const value = doc.readSync();
  const copy = `${path}.copy`;
  writeFileSync(copy, '{"n":1}');
  renameSync(copy, path);
  expect(doc.readSync()).toBe(value);
});

it("a foreign write between two updates is never lost, also with a file that goes and comes", async () => {
  const path = fresh();
  const doc = jsonDocument<Counter>(path, { defaults: () => ({ n: -1 }) });
  for (let n = 10; n < 200; n += 10) {
    writeFileSync(path, `{"n":${n}}`);
    const { value } =
      n % 20 === 0 ? await doc.update((draft) => void draft.n++) : doc.updateSync((draft) => void draft.n++);
    expect(value).toEqual({ n: n + 1 });
  }
  rmSync(path);
  expect([await doc.read(), doc.readSync()]).toEqual([{ n: -1 }, { n: -1 }]);
  expect((await doc.update((draft) => void draft.n++)).value).toEqual({ n: 0 });
});

it("documents that nobody uses are forgotten", async () => {
  const directory = temporaryDirectory();
  for (let index = 0; index < 100; index += 1) {
    await updateJson<Counter>(join(directory, `${index}.json`), (draft) => void draft.n++, {
      defaults: () => ({ n: 0 }),
      durability: "os",
    });
  }
  expect(recentEngineCount()).toBeLessThanOrEqual(64);
});
