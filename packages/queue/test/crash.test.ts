import { appendFileSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { inspectLock } from "@flockwork/core";
import { describe, expect, test } from "vitest";
import { type files, realFileSystem, substituteFileSystem } from "../../core/src/platform/file-system.ts";
import { afterwards, openTestQueue, strayFiles, temporaryStore } from "./support/queue-directory.ts";
import { kill, nextMessage, startPeer } from "./support/queue-peer.ts";

type Told = { readonly completed?: string; readonly token?: string };

test("workers that are killed all the time: every job completes once with a valid token (P2, P3, Q1, Q2, Q4)", async () => {
  const { store, directory } = temporaryStore();
  const queue = openTestQueue<number>(store, { retention: { completed: Infinity } });
  let jobs = 0;
  const enqueueSome = async (): Promise<void> => {
    await queue.enqueueMany(Array.from({ length: 20 }, (_, at) => ({ payload: at, maxAttempts: 1_000 })));
    jobs += 20;
  };
  await enqueueSome();
  const acknowledged = new Map<string, string>();
  const twice: string[] = [];
  const spawn = () => {
    const child = startPeer(directory, "work");
    child.on("message", (told: Told) => {
      if (told.completed === undefined) return;
      if (acknowledged.has(told.completed)) twice.push(told.completed);
      acknowledged.set(told.completed, told.token ?? "");
    });
    return child;
  };
  const workers = Array.from({ length: 3 }, spawn);
  const kills = 5;
  for (let at = 0; at < kills; at += 1) {
    const victim = workers[at % workers.length] as ReturnType<typeof spawn>;
    // Somebody has just completed a job of the last twenty: all are in the middle of something. A kill may swallow what its
    // victim's four runs had to say.
    await expect.poll(() => acknowledged.size, { interval: 5 }).toBeGreaterThan(16 * at);
    await enqueueSome();
    await kill(victim);
    workers[workers.indexOf(victim)] = spawn();
  }
  await expect.poll(async () => (await queue.stats()).completed).toBe(jobs);
  await Promise.all(workers.map(kill));
  expect(twice).toEqual([]);
  const completed = await queue.list("completed");
  expect(completed).toHaveLength(jobs);
  for (const job of completed) {
    const events = queueEvents(directory, job.id);
    expect(events.filter((type) => type === "completed")).toHaveLength(1);
    expect(events.filter((type) => type === "claimed")).toHaveLength(job.attempts);
    expect(job.attempts).toBe(job.crashes + 1);
  }
  for (const id of acknowledged.keys()) expect(completed.some((job) => job.id === id)).toBe(true);
  await queue.enqueue(-1); // the next append moves away what a kill may have torn
  expect(strayFiles(directory).filter((name) => !name.includes(".torn-"))).toEqual([]);
  expect(inspectLock(join(directory, "queue", "tasks.jsonl"), { layout: "gastown" }).held).toBe(false);
});

/** The types of the events of a job, straight from the file. */
function queueEvents(directory: string, id: string): string[] {
  const lines = readFileSync(join(directory, "queue", "events.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  const events = lines.map((line) => JSON.parse(line) as { type: string; job?: string; jobs?: string[] });
  return events.filter(({ job, jobs }) => job === id || jobs?.includes(id)).map(({ type }) => type);
}

test("the job of a worker that is dead goes on at once, long before its lease ends (Q3)", async () => {
  const { store, directory } = temporaryStore();
  const queue = openTestQueue(store);
  await queue.enqueue("work");
  const child = startPeer(directory, "claim", "3600000");
  await nextMessage(child);
  expect(await queue.claim()).toEqual([]);
  await kill(child);
  await expect.poll(async () => (await queue.claim())[0]?.job).toMatchObject({ attempts: 2, crashes: 1 });
});

test("a worker that is stopped past its lease finds its late completion refused (Q2)", async () => {
  const { store, directory } = temporaryStore();
  const queue = openTestQueue(store);
  const { id } = await queue.enqueue("work");
  const child = startPeer(directory, "claim", "150");
  const { token } = await nextMessage<Told>(child);
  child.kill("SIGSTOP");
  let rival = (await queue.claim())[0];
  while (rival === undefined) rival = (await queue.claim())[0];
  expect(BigInt(rival.token)).toBeGreaterThan(BigInt(token ?? "0"));
  child.kill("SIGCONT");
  child.send("complete");
  expect(await nextMessage(child)).toEqual({ refused: "ERR_STALE_FENCING_TOKEN" });
  await rival.complete("by the rival");
  expect(await queue.get(id)).toMatchObject({
    state: "completed",
    result: "by the rival",
    attempts: 2,
    crashes: 1,
  });
});

test("an idle worker of another process starts a job as soon as it comes", async () => {
  const { store, directory } = temporaryStore();
  const queue = openTestQueue(store);
  const child = startPeer(directory, "listen");
  await nextMessage(child);
  for (let round = 0; round < 5; round += 1) {
    const { id } = await queue.enqueue(round);
    expect(await nextMessage(child)).toEqual({ started: id }); // nothing but the notice: its poll is an hour away
    await expect.poll(async () => (await queue.get(id)).state).toBe("completed");
  }
});

describe("a full disk", () => {
  test.each(["tasks.jsonl", "events.jsonl"])(
    "P6: with no space for %s the call rejects, nothing is lost or half there, and it goes on when there is space",
    async (full) => {
      const { store, directory } = temporaryStore();
      const queue = openTestQueue(store);
      const other = openTestQueue(store);
      await queue.enqueueMany([{ payload: 1 }, { payload: 2 }, { payload: 3 }]);
      const [claim] = await queue.claim();
      const descriptors = new Set<number>();
      let isFull = true;
      const restore = substituteFileSystem({
        openSync: ((path: string, ...rest: never[]) => {
          const fd = (realFileSystem.openSync as (...args: unknown[]) => number)(path, ...rest);
          if (path.endsWith(full)) descriptors.add(fd);
          else descriptors.delete(fd);
          return fd;
        }) as typeof files.openSync,
        writeSync: ((fd: number, bytes: Uint8Array, offset: number, length: number, position: null) => {
          if (!isFull || !descriptors.has(fd))
            return realFileSystem.writeSync(fd, bytes, offset, length, position);
          realFileSystem.writeSync(fd, bytes, offset, Math.ceil(length / 2), position);
          throw Object.assign(new Error("no space left on device"), {
            code: "ENOSPC",
            errno: -28,
            syscall: "write",
          });
        }) as typeof files.writeSync,
      });
      afterwards(restore);
      const { closeAppendFiles } = await import("@flockwork/core");
      closeAppendFiles(); // so that the file is opened again, and known to be the full one
      const attempt = (): Promise<unknown> =>
        full === "tasks.jsonl" ? queue.enqueue(4) : (claim as NonNullable<typeof claim>).complete("done");
      await expect(attempt()).rejects.toMatchObject({ code: "ERR_WRITE_FAILED", osCode: "ENOSPC" });
      await expect(attempt()).rejects.toMatchObject({ code: "ERR_WRITE_FAILED" });
      for (const each of [queue, other])
        expect(await each.stats()).toMatchObject({ waiting: 2, claimed: 1, completed: 0, foreignLines: 0 });
      isFull = false;
      await attempt();
      const expected =
        full === "tasks.jsonl" ? { waiting: 3, claimed: 1 } : { waiting: 2, claimed: 0, completed: 1 };
      for (const each of [queue, other]) expect(await each.stats()).toMatchObject(expected);
      expect(readdirSync(join(directory, "queue")).filter((name) => /torn|staged/.test(name))).toEqual([]);
    },
  );
});

describe("damage", () => {
  test("a torn line is moved aside, foreign and damaged ones are passed over, and the rest works (P5)", async () => {
    const { store, directory } = temporaryStore();
    const queue = openTestQueue<string>(store);
    await queue.enqueue("one");
    const tasks = join(directory, "queue", "tasks.jsonl");
    appendFileSync(tasks, '{"task":"somebody else\'s"}\nnot json at all\n{"id":"torn","at":"2026-');
    await queue.enqueue("two");
    const fresh = openTestQueue<string>(store);
    expect(await fresh.stats()).toMatchObject({ waiting: 2, foreignLines: 1 });
    const torn = readdirSync(join(directory, "queue")).filter((name) => name.includes(".torn-"));
    expect(torn.map((name) => readFileSync(join(directory, "queue", name), "utf8"))).toEqual([
      '{"id":"torn","at":"2026-',
    ]);
    expect((await fresh.claim({ limit: 5 })).map(({ job }) => job.payload)).toEqual(["one", "two"]);
    await fresh.compact();
    expect(readFileSync(tasks, "utf8")).toContain('{"task":"somebody else\'s"}\n');
    const corrupt = readdirSync(join(directory, "queue")).filter((name) => name.includes(".corrupt-"));
    expect(corrupt.map((name) => readFileSync(join(directory, "queue", name), "utf8"))).toEqual([
      "not json at all\n",
    ]);
  });

  test("events that no claim could have caused change nothing", async () => {
    const { store, directory } = temporaryStore();
    const queue = openTestQueue<string>(store);
    const { id } = await queue.enqueue("work");
    const [claim] = await queue.claim();
    const forged = { type: "completed", at: new Date().toISOString(), job: id, token: "1" };
    appendFileSync(
      join(directory, "queue", "events.jsonl"),
      `${JSON.stringify(forged)}\n{"type":"unheard of"}\n`,
    );
    expect(await openTestQueue(store).stats()).toMatchObject({ claimed: 1, completed: 0, foreignLines: 1 });
    await claim?.complete();
  });
});
