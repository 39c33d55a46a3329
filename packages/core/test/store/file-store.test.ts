import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fileStore, updateJson } from "../../src/index.ts";
import { realFileSystem, substituteFileSystem } from "../../src/platform/file-system.ts";
import { temporaryDirectory } from "./temporary-store.ts";

test("makes missing directories at the first write, the store's own among them, and none at a read", async () => {
  const directory = join(temporaryDirectory(), "deep/store");
  const store = fileStore(directory);
  const document = store.document({
    name: ".flowforge/billing/time-tracking.json",
    layout: "flowforge",
    defaults: () => ({}),
  });
  expect(await document.read()).toEqual({});
  expect(await store.log({ name: "queues/a.jsonl" }).read()).toEqual([]);
  expect(existsSync(directory)).toBe(false);
  await document.write({ total: 1 });
  expect(readFileSync(join(directory, ".flowforge/billing/time-tracking.json"), "utf8")).toMatch(
    /"total": ?1/,
  );
});

test("P9, P11: a link that leads out of the store is refused, for a directory and for a file, unless that is wanted", async () => {
  const outside = temporaryDirectory();
  const directory = temporaryDirectory();
  writeFileSync(join(outside, "victim.json"), "{}");
  symlinkSync(outside, join(directory, "linked"));
  symlinkSync(join(outside, "victim.json"), join(directory, "file.json"));
  mkdirSync(join(directory, "inside"));
  symlinkSync("inside", join(directory, "alias"));
  const store = fileStore(directory);
  for (const name of ["linked/victim.json", "linked/new/deeper.json", "file.json"]) {
    const document = store.document({ name, defaults: () => ({}) });
    await expect(document.write({ taken: true })).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
    await expect(store.lock(name).acquire("exclusive")).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
    if (name !== "linked/new/deeper.json")
      await expect(document.read()).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
  }
  expect(readdirSync(outside)).toEqual(["victim.json"]);
  expect(readFileSync(join(outside, "victim.json"), "utf8")).toBe("{}");
  await store.document({ name: "alias/a.json" }).write({ a: 1 });
  expect(readdirSync(join(directory, "inside"))).toContain("a.json");
  await fileStore(directory, { followOutside: true }).document({ name: "file.json" }).write({ taken: true });
  expect(readFileSync(join(outside, "victim.json"), "utf8")).toMatch(/taken/);
});

test("a change by somebody who takes no lock is noticed by the next write, and kept", async () => {
  const directory = temporaryDirectory();
  const store = fileStore(directory);
  const path = join(directory, "settings.json");
  writeFileSync(path, '{ "theme": "light", "size": 1 }\n');
  const careful = store.document<Record<string, unknown>>({ name: "settings.json" });
  const merging = store.document<Record<string, unknown>>({ name: "settings.json", merge: "fields" });
  await careful.read();
  await merging.read();
  writeFileSync(path, '{ "theme": "dark", "size": 1 }\n');
  await expect(careful.write({ theme: "light", size: 2 })).rejects.toMatchObject({
    code: "ERR_REVISION_CONFLICT",
    versions: { theirs: { theme: "dark", size: 1 }, ours: { theme: "light", size: 2 } },
  });
  expect((await merging.write({ theme: "light", size: 2 })).value).toEqual({ theme: "dark", size: 2 });
  expect(readFileSync(path, "utf8")).toBe('{ "theme": "dark", "size": 2 }\n');
});

test("calls that know the path and calls that know the name share one file and one queue", async () => {
  const directory = temporaryDirectory();
  const document = fileStore(directory).document<{ count: number }>({
    name: "count.json",
    defaults: () => ({ count: 0 }),
  });
  const add = (draft: { count: number }): void => void (draft.count += 1);
  await document.update(add);
  await Promise.all(
    Array.from({ length: 10 }, (_, at) =>
      at % 2 === 0 ? document.update(add) : updateJson(join(directory, "count.json"), add),
    ),
  );
  expect(await document.read()).toEqual({ count: 11 });
});

test("the tail that a rewrite expects is the one every other call tells, blank and damaged lines included", async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "a.jsonl"), '{"id":1}\n\n{"id":2}\n\n');
  const log = fileStore(directory).log<{ id: number }>({ name: "a.jsonl" });
  const tail = await log.transact((draft) => draft.tail);
  expect(tail.value).toBe(4);
  await expect(log.rewrite((entries) => entries, { expectedTail: 3 })).rejects.toMatchObject({
    code: "ERR_REVISION_CONFLICT",
  });
  await log.rewrite((entries) => entries, { expectedTail: 4 });
  expect(await log.read()).toEqual([{ id: 1 }, { id: 2 }]);
});

test("P11: what is no regular file is not removed as a document", async () => {
  const directory = temporaryDirectory();
  const document = fileStore(directory).document({ name: "fifo.json" });
  execFileSync("mkfifo", [join(directory, "fifo.json")]);
  await expect(document.remove()).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
  expect(lstatSync(join(directory, "fifo.json")).isFIFO()).toBe(true);
});

test("a link is noticed whenever it comes: a list does not show what is outside, and a read does not follow one that was a directory", async () => {
  const [outside, directory] = [temporaryDirectory(), temporaryDirectory()];
  writeFileSync(join(outside, "secret.json"), '{"secret":1}');
  mkdirSync(join(directory, "inside"));
  writeFileSync(join(directory, "inside/secret.json"), "{}");
  symlinkSync(outside, join(directory, "linked"));
  symlinkSync("inside", join(directory, "alias"));
  const store = fileStore(directory);
  await expect(store.list("linked")).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
  expect(await store.list("alias")).toEqual(["alias/secret.json"]);
  expect(await fileStore(directory, { followOutside: true }).list("linked")).toEqual(["linked/secret.json"]);
  const document = store.document({ name: "inside/secret.json" });
  const log = store.log({ name: "inside/log.jsonl" });
  await document.read();
  await log.read();
  renameSync(join(directory, "inside"), join(directory, "was"));
  symlinkSync(outside, join(directory, "inside"));
  for (const call of [document.read(), document.readWithRevision(), document.readLocked(), log.read()])
    await expect(call).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
  await expect(store.list("inside")).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
});

test("a store whose locks cannot be shared says so, and refuses every shared one as unsupported", async () => {
  const store = fileStore(temporaryDirectory(), { backend: "proper-lockfile" });
  expect(store.capabilities).toMatchObject({ sharedLocks: false, lockKind: "lease" });
  const document = store.document({ name: "a.json", defaults: () => ({}) });
  const lock = store.lock("a");
  for (const call of [
    () => document.readLocked(),
    () => lock.acquire("shared"),
    () => lock.tryAcquire("shared"),
    () => lock.withRead(() => expect.unreachable()),
  ])
    await expect(call()).rejects.toMatchObject({ code: "ERR_UNSUPPORTED" });
  await document.write({ a: 1 });
  expect(await lock.withWrite(() => "exclusive")).toBe("exclusive");
});

test.each(["withRead", "acquire", "tryAcquire", "readLocked"] as const)(
  "P6: %s says by a typed error that it cannot be told whether a commit was interrupted, and leaves nothing locked",
  async (call) => {
    const store = fileStore(temporaryDirectory());
    const document = store.document({ name: "data.json", defaults: () => ({}) });
    const lock = store.lock("data.json");
    await document.write({ n: 1 });
    const refuse = (path: string): void => {
      if (path.endsWith(".intent"))
        throw Object.assign(new Error("EIO"), { code: "EIO", errno: -5, syscall: "lstat" });
    };
    const restore = substituteFileSystem({
      lstatSync: (path) => (refuse(path), realFileSystem.lstatSync(path)),
      readlinkSync: (path) => (refuse(path), realFileSystem.readlinkSync(path)),
    });
    try {
      const taken =
        call === "readLocked"
          ? document.readLocked()
          : call === "withRead"
            ? lock.withRead(() => undefined)
            : lock[call]("shared");
      await expect(taken).rejects.toMatchObject({ code: "ERR_READ_FAILED", osCode: "EIO" });
    } finally {
      restore();
    }
    await lock.withWrite(() => undefined, { timeoutMs: 0 });
    await store.close();
  },
);
