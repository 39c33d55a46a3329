import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileStore, type Store } from "@flockwork/core";
import { beforeEach, describe, expect, it } from "vitest";
import { acquireAgentLock, readAgentLock } from "../../src/index.ts";
import {
  readJson,
  temporaryDirectory,
  Worker,
  writeJson,
} from "../../../../toolchain/testing/surroundings.ts";

const fixture = new URL("../fixtures/identity-worker.ts", import.meta.url);
const asRoot = process.getuid?.() === 0;
let directory = "";
let path = "";
let store: Store;
beforeEach(() => {
  directory = temporaryDirectory();
  path = join(directory, ".runtime/agent.lock");
  store = fileStore(directory);
});

function leave(record: object): void {
  mkdirSync(join(directory, ".runtime"), { recursive: true });
  writeJson(path, { acquired_at: "2026-01-01T00:00:00Z", ...record });
}

describe("agent.lock", () => {
  it("is the file Gas Town writes, and is gone after its release", async () => {
    const lock = await acquireAgentLock(store, { sessionId: "gt-nux" });
    expect(readJson(path)).toMatchObject({ pid: process.pid, session_id: "gt-nux", hostname: hostname() });
    expect(existsSync(`${path}.flock`)).toBe(true);
    expect(await lock.release()).toBe(true);
    expect(await lock.release()).toBe(true);
    expect(existsSync(path)).toBe(false);
    expect(await readAgentLock(store)).toBeUndefined();
  });

  it("P1: is had by one of several processes that want it at once", async () => {
    const workers = [1, 2, 3, 4].map(() => new Worker(fixture, "agent", directory));
    const answers = await Promise.all(workers.map(async (worker) => (await worker.sent(1))[0] as string));
    expect(answers.toSorted()).toEqual([...Array<string>(3).fill("ERR_IDENTITY_HELD"), "held"]);
    const holder = workers[answers.indexOf("held")];
    await expect(acquireAgentLock(store)).rejects.toMatchObject({
      code: "ERR_IDENTITY_HELD",
      pid: holder?.child.pid,
    });
    await holder?.kill();
    expect(await readAgentLock(store)).toMatchObject({ dead: true });
    await (await acquireAgentLock(store)).release();
  });

  it("is not taken from a process that is paused", async () => {
    const worker = new Worker(fixture, "agent", directory);
    await worker.sent(1);
    worker.signal("SIGSTOP");
    await expect(acquireAgentLock(store)).rejects.toMatchObject({ code: "ERR_IDENTITY_HELD" });
  });

  it("is not taken from a second holder of this very process", async () => {
    const lock = await acquireAgentLock(store);
    await expect(acquireAgentLock(store)).rejects.toMatchObject({ code: "ERR_IDENTITY_HELD" });
    await lock.release();
  });

  it("left by Gas Town: is taken when its pid is gone, on this host or on none", async () => {
    for (const record of [{ pid: 4_194_303 }, { pid: 4_194_303, hostname: hostname(), session_id: "s" }]) {
      leave(record);
      const lock = await acquireAgentLock(store);
      expect(readJson(path)).not.toHaveProperty("session_id");
      await lock.release();
    }
  });

  it("is taken when its pid is another process by now", async () => {
    leave({ pid: process.pid, hostname: hostname(), start_ticks: "1" });
    await (await acquireAgentLock(store)).release();
  });

  it("is not taken when its pid runs, or is of another host", async () => {
    for (const record of [{ pid: process.ppid }, { pid: 4_194_303, hostname: "elsewhere.example" }]) {
      leave(record);
      await expect(acquireAgentLock(store)).rejects.toMatchObject({
        code: "ERR_IDENTITY_HELD",
        pid: record.pid,
      });
    }
  });

  it.runIf(!asRoot)("is not taken from a process that may not be signalled", async () => {
    leave({ pid: 1, hostname: hostname() });
    await expect(acquireAgentLock(store)).rejects.toMatchObject({ code: "ERR_IDENTITY_HELD" });
  });

  it("is not removed by a late release: it is the successor's", async () => {
    const lock = await acquireAgentLock(store);
    leave({ pid: process.ppid, hostname: hostname() });
    expect(await lock.release()).toBe(false);
    expect(readJson(path)).toMatchObject({ pid: process.ppid });
  });

  it.each(["", "{", '{"pid": 0, "acquired_at": "2026-01-01T00:00:00Z"}', '{"pid": 5}'])(
    "P10: %j is not taken for a free one",
    async (text) => {
      mkdirSync(join(directory, ".runtime"));
      writeFileSync(path, text);
      await expect(acquireAgentLock(store)).rejects.toMatchObject({
        code: expect.stringMatching("ERR_DOCUMENT") as string,
      });
      expect(readFileSync(path, "utf8")).toBe(text);
    },
  );
});
