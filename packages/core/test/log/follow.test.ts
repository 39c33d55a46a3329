import { appendFileSync, mkdirSync, renameSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonlLog } from "../../src/log/jsonl-log.ts";
import type { FollowOptions } from "../../src/log/follow-log.ts";
import { substituteFileSystem } from "../../src/platform/file-system.ts";
import { descriptorsIn, temporaryDirectory, Worker } from "../atomic/surroundings.ts";

const newPath = (): string => join(temporaryDirectory(), "events.jsonl");

/** Follows a log and lets a test wait for what arrives. */
function following(path: string, options: FollowOptions = {}) {
  const controller = new AbortController();
  const arrived: unknown[] = [];
  let wake = (): void => {};
  const ended = (async () => {
    const onReset = (): void => void arrived.push("reset");
    for await (const { record } of jsonlLog(path).follow({
      signal: controller.signal,
      onReset,
      ...options,
    })) {
      arrived.push(record);
      wake();
    }
  })();
  const reach = async (count: number): Promise<readonly unknown[]> => {
    while (arrived.length < count)
      await Promise.race([ended, new Promise<void>((resolve) => (wake = resolve))]);
    return arrived;
  };
  return { arrived, reach, end: () => (controller.abort(), ended) };
}

describe("follow", () => {
  it("yields what is there, then what is added, by this process and by others", async () => {
    const path = newPath();
    const log = jsonlLog<unknown>(path);
    await log.append(1);
    const follower = following(path);
    await follower.reach(1);
    await log.append(2);
    await follower.reach(2);
    const fixture = new URL("fixtures/claim-in-turn.ts", import.meta.url);
    const worker = new Worker(fixture, `${path}.other`, "x", "1", "1");
    await worker.exit();
    appendFileSync(path, "3\n");
    expect(await follower.reach(3)).toEqual([1, 2, 3]);
    await follower.end();
    expect(descriptorsIn(join(path, "..")).filter((open) => open !== path)).toEqual([]);
  });

  it("sees the lines of another process, each once and in order", async () => {
    const path = newPath();
    const follower = following(path);
    const fixture = new URL("fixtures/claim-in-turn.ts", import.meta.url);
    const worker = new Worker(fixture, path, "other", "300", "4");
    const arrived = await follower.reach(300);
    expect(await worker.exit()).toBe(0);
    expect(arrived.map((record) => (record as { number: number }).number)).toEqual(
      Array.from({ length: 300 }, (_, at) => at),
    );
    await follower.end();
  });

  it("waits for a log that does not exist yet, and holds back a line until its newline", async () => {
    const path = newPath();
    const follower = following(path);
    await new Promise(setImmediate);
    writeFileSync(path, '"half');
    await new Promise(setImmediate);
    appendFileSync(path, '"\n');
    expect(await follower.reach(1)).toEqual(["half"]);
    await follower.end();
  });

  it("announces a rewrite and yields the new content from its beginning", async () => {
    const path = newPath();
    const log = jsonlLog<number>(path);
    await log.appendMany([1, 2, 3]);
    const follower = following(path);
    await follower.reach(3);
    await log.rewrite((entries) => entries.slice(2));
    expect(await follower.reach(5)).toEqual([1, 2, 3, "reset", 3]);
    writeFileSync(`${path}.new`, "7\n");
    renameSync(`${path}.new`, path);
    expect(await follower.reach(7)).toEqual([1, 2, 3, "reset", 3, "reset", 7]);
    await follower.end();
  });

  it("begins where it is told", async () => {
    const path = newPath();
    const log = jsonlLog<number>(path);
    const { nextOffset } = await log.appendMany([1, 2]);
    const follower = following(path, { from: nextOffset });
    await log.append(3);
    expect(await follower.reach(1)).toEqual([3]);
    await follower.end();
    await expect(following(path, { from: 1 }).reach(1)).rejects.toThrow(RangeError);
  });

  it("ends quietly on its signal, also on one aborted before", async () => {
    const path = newPath();
    const follower = following(path);
    await new Promise(setImmediate);
    await follower.end();
    const done = await jsonlLog(path).follow({ signal: AbortSignal.abort() })[Symbol.asyncIterator]().next();
    expect(done.done).toBe(true);
  });

  it("closes its watch when the loop is left, whichever way", async () => {
    const path = newPath();
    writeFileSync(path, "1\n");
    let open = 0;
    const restore = substituteFileSystem({
      watch: () => {
        open += 1;
        return { close: () => void (open -= 1), unref: () => {}, on: () => undefined };
      },
    });
    try {
      for await (const _entry of jsonlLog(path).follow()) {
        expect(open).toBe(1);
        break;
      }
      expect(open).toBe(0);
      writeFileSync(path, "broken\n");
      await expect(following(path).reach(1)).rejects.toMatchObject({ code: "ERR_LOG_CORRUPT" });
      expect(open).toBe(0);
    } finally {
      restore();
    }
  });

  it("goes on without watches, by looking now and then", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "events.jsonl");
    const restore = substituteFileSystem({
      watch: () => {
        throw Object.assign(new Error("ENOSPC: no watches left"), { code: "ENOSPC" });
      },
    });
    try {
      const follower = following(path);
      await new Promise(setImmediate);
      mkdirSync(join(directory, "unrelated"));
      rmdirSync(join(directory, "unrelated"));
      writeFileSync(path, "1\n");
      expect(await follower.reach(1)).toEqual([1]);
      await follower.end();
    } finally {
      restore();
    }
  });
});
