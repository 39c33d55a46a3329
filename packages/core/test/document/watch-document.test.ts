import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { jsonDocument } from "../../src/document/json-document.ts";
import { realFileSystem, substituteFileSystem } from "../../src/platform/file-system.ts";
import { fileCallsOf } from "./file-calls.ts";
import { temporaryDirectory, Worker } from "../atomic/surroundings.ts";

interface Counter {
  n: number;
}

function fresh(): string {
  const path = join(temporaryDirectory(), "doc.json");
  writeFileSync(path, '{"n":0}');
  return path;
}

it("watch gives the current document, then each change, whoever makes it, and ends with its signal", async () => {
  const path = fresh();
  const doc = jsonDocument<Counter>(path);
  const controller = new AbortController();
  const seen: number[] = [];
  for await (const { value, revision } of doc.watch({ signal: controller.signal })) {
    seen.push(value.n);
    expect(revision).toMatch(/^[0-9a-f]{32}$/);
    if (value.n === 0) await doc.update((draft) => void draft.n++);
    else if (value.n === 1) writeFileSync(path, '{"n":2}');
    else controller.abort();
  }
  expect(seen).toEqual([0, 1, 2]);
});

it("a slow consumer sees the last state, without those in between", async () => {
  const doc = jsonDocument<Counter>(fresh());
  const changes = doc.watch();
  expect(await changes.next()).toMatchObject({ value: { value: { n: 0 } } });
  for (let n = 1; n <= 20; n += 1) await doc.update((draft) => void (draft.n = n));
  expect(await changes.next()).toMatchObject({ value: { value: { n: 20 } } });
  // With nothing new it looks at nothing: some stretch of the event loop goes by without a file call.
  const next = changes.next();
  await vi.waitUntil(async () => (await fileCallsOf(turns)).calls.length === 0, {
    timeout: 60_000,
    interval: 0,
  });
  await doc.update((draft) => void (draft.n = 21));
  expect(await next).toMatchObject({ value: { value: { n: 21 } } });
  await changes.return?.();
});

async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await setImmediate();
}

it("without notices from the system, the clock alone finds every last state", async () => {
  const path = fresh();
  const restore = substituteFileSystem({
    watch: () => {
      throw Object.assign(new Error("no more watches"), { code: "ENOSPC" });
    },
  });
  try {
    const doc = jsonDocument<Counter>(path);
    const changes = doc.watch({ pollMs: 5 });
    await changes.next();
    writeFileSync(path, '{"n":5}');
    expect(await changes.next()).toMatchObject({ value: { value: { n: 5 } } });
    await changes.return?.();
  } finally {
    restore();
  }
});

it("a file that is missing is waited for; half a write is waited out; lasting damage ends the watch", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "doc.json");
  const doc = jsonDocument<Counter>(path);
  const changes = doc.watch({ pollMs: 20 });
  const first = changes.next();
  writeFileSync(path, '{"n":1}');
  expect(await first).toMatchObject({ value: { value: { n: 1 } } });
  const second = changes.next();
  writeFileSync(path, '{"n":');
  writeFileSync(path, '{"n":2}');
  expect(await second).toMatchObject({ value: { value: { n: 2 } } });
  rmSync(path);
  writeFileSync(path, '{"n":');
  await expect(changes.next()).rejects.toMatchObject({ code: "ERR_DOCUMENT_CORRUPT" });
});

it("a link is watched where it leads", async () => {
  const path = fresh();
  const link = join(temporaryDirectory(), "link.json");
  symlinkSync(path, link);
  const watched: string[] = [];
  const restore = substituteFileSystem({
    watch: (directory, listener) => {
      watched.push(directory);
      return realFileSystem.watch(directory, listener);
    },
  });
  try {
    const changes = jsonDocument<Counter>(link).watch({ pollMs: 60_000 });
    await changes.next();
    const next = changes.next();
    writeFileSync(path, '{"n":3}');
    expect(await next).toMatchObject({ value: { value: { n: 3 } } });
    expect(watched).toEqual([join(path, "..")]);
    await changes.return?.();
  } finally {
    restore();
  }
});

it("a watch keeps its process alive until it ends, and leaves nothing behind that would", async () => {
  const path = fresh();
  const worker = new Worker(new URL("./fixtures/watch-twice.ts", import.meta.url), path);
  expect(await worker.message()).toBe(0);
  writeFileSync(path, '{"n":7}');
  expect(await worker.exit()).toBe(0);
  expect(worker.messages).toEqual([0, 7]);
});

it("an aborted signal watches nothing", async () => {
  const doc = jsonDocument<Counter>(fresh());
  expect(await doc.watch({ signal: AbortSignal.abort() }).next()).toEqual({ done: true, value: undefined });
});

it("an abort ends the watch of the directory at once, though nobody asks the iteration for more", async () => {
  const path = fresh();
  const doc = jsonDocument<Counter>(path, { defaults: () => ({ n: 0 }) });
  let open = 0;
  const restore = substituteFileSystem({
    watch: (directory, listener) => {
      const watcher = realFileSystem.watch(directory, listener);
      open += 1;
      const close = watcher.close.bind(watcher);
      return Object.assign(watcher, {
        close: () => {
          open -= 1;
          close();
        },
      });
    },
  });
  const controller = new AbortController();
  try {
    const changes = doc.watch({ signal: controller.signal });
    await changes.next();
    expect(open).toBe(1);
    controller.abort();
    expect(open).toBe(0);
  } finally {
    restore();
  }
});
