import { appendFileSync, readFileSync, renameSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonlLog } from "../../src/log/jsonl-log.ts";
import { realFileSystem, substituteFileSystem } from "../../src/platform/file-system.ts";
import { descriptorsIn, temporaryDirectory } from "../atomic/surroundings.ts";

const newPath = (): string => join(temporaryDirectory(), "events.jsonl");

/** State that a log folds into. */
class Seen {
  records: unknown[] = [];
  resets = 0;
  apply(record: unknown): void {
    this.records.push(record);
  }
  reset(): void {
    this.resets += 1;
    this.records = [];
  }
}

describe.each(["advance", "advanceSync"] as const)("cursor.%s", (advance) => {
  it("applies only what was added since the last time", async () => {
    const path = newPath();
    const cursor = jsonlLog(path).cursor();
    const seen = new Seen();
    expect(await cursor[advance](seen)).toEqual({ entries: 0, reset: false, offset: 0 });
    writeFileSync(path, "1\n2\n3");
    expect(await cursor[advance](seen)).toEqual({ entries: 2, reset: false, offset: 4 });
    appendFileSync(path, "4\n");
    expect(await cursor[advance](seen)).toEqual({ entries: 1, reset: false, offset: 7 });
    expect(await cursor[advance](seen)).toEqual({ entries: 0, reset: false, offset: 7 });
    expect(seen).toMatchObject({ records: [1, 2, 34], resets: 0 });
    expect(descriptorsIn(join(path, ".."))).toEqual([]);
  });

  it.each([
    [
      "replaced",
      (path: string) => (writeFileSync(`${path}.new`, "1\n2\n9\n"), renameSync(`${path}.new`, path)),
      [1, 2, 9],
    ],
    [
      "replaced by the same bytes",
      (path: string) => (writeFileSync(`${path}.new`, "1\n2\n3\n"), renameSync(`${path}.new`, path)),
      [1, 2, 3],
    ],
    ["truncated", (path: string) => truncateSync(path, 2), [1]],
    ["emptied", (path: string) => truncateSync(path, 0), []],
    ["rewritten in place", (path: string) => writeFileSync(path, "5\n6\n7\n8\n"), [5, 6, 7, 8]],
    ["removed", (path: string) => unlinkSync(path), []],
  ] as const)("starts over when the file was %s", async (_what, change, expected) => {
    const path = newPath();
    const cursor = jsonlLog(path).cursor();
    const seen = new Seen();
    writeFileSync(path, "1\n2\n3\n");
    await cursor[advance](seen);
    change(path);
    expect(await cursor[advance](seen)).toMatchObject({ reset: true, entries: expected.length });
    expect(seen).toMatchObject({ records: expected, resets: 1 });
    expect(await cursor[advance](seen)).toMatchObject({ reset: false, entries: 0 });
  });

  it("trusts no offset in a file that took over the inode number of the old one", async () => {
    const path = newPath();
    const cursor = jsonlLog(path).cursor();
    const seen = new Seen();
    writeFileSync(path, "1\n2\n");
    await cursor[advance](seen);
    const restore = substituteFileSystem({
      fstatSync: (fd) => {
        const stats = realFileSystem.fstatSync(fd);
        stats.birthtimeNs += 1n; // as if born later, under the same number
        return stats;
      },
    });
    try {
      expect(await cursor[advance](seen)).toMatchObject({ reset: true, entries: 2 });
    } finally {
      restore();
    }
  });

  it("stays before an entry whose application failed, and brings it again", async () => {
    const path = newPath();
    writeFileSync(path, "1\n2\n3\n");
    const cursor = jsonlLog(path).cursor();
    const seen = new Seen();
    let failing = true;
    const picky = {
      apply(record: unknown): void {
        if (record === 2 && failing) throw new Error("not now");
        seen.apply(record);
      },
      reset: () => seen.reset(),
    };
    await expect((async () => await cursor[advance](picky))()).rejects.toThrow("not now");
    expect(cursor.offset).toBe(2);
    failing = false;
    await cursor[advance](picky);
    expect(seen).toMatchObject({ records: [1, 2, 3], resets: 0 });
  });

  it("at a damaged line it has applied everything before it, and nothing twice", async () => {
    const path = newPath();
    writeFileSync(path, "1\n2\nbroken\n4\n");
    const cursor = jsonlLog(path).cursor();
    const seen = new Seen();
    for (let turn = 0; turn < 2; turn += 1) {
      await expect((async () => await cursor[advance](seen))()).rejects.toMatchObject({
        code: "ERR_LOG_CORRUPT",
        line: 3,
        byteOffset: 4,
      });
    }
    expect(seen.records).toEqual([1, 2]);
  });

  it("maxBytes takes a large log in steps", async () => {
    const path = newPath();
    const lines = Array.from({ length: 60_000 }, (_, at) => `{"at":${at},"padding":"${"x".repeat(50)}"}`);
    writeFileSync(path, `${lines.join("\n")}\n`);
    const cursor = jsonlLog(path).cursor();
    const seen = new Seen();
    let steps = 0;
    while ((await cursor[advance](seen, { maxBytes: 1 })).entries > 0) steps += 1;
    expect(steps).toBeGreaterThan(2);
    expect(seen.records).toHaveLength(60_000);
  });

  it("can begin in the middle and notices a rewrite from there", async () => {
    const path = newPath();
    writeFileSync(path, "1\n2\n3\n");
    const cursor = jsonlLog(path).cursor();
    const seen = new Seen();
    cursor.startAt(2);
    await cursor[advance](seen);
    expect(seen.records).toEqual([2, 3]);
    writeFileSync(path, "7\n8\n9\n");
    await cursor[advance](seen);
    expect(seen).toMatchObject({ records: [7, 8, 9], resets: 1 });
    expect(() => cursor.startAt(3)).toThrow(RangeError);
  });
});

it("overlapping advances give each entry to exactly one of them, in order", async () => {
  const path = newPath();
  const lines = Array.from({ length: 40_000 }, (_, at) => `{"at":${at},"padding":"${"x".repeat(100)}"}`);
  writeFileSync(path, `${lines.join("\n")}\n`);
  const cursor = jsonlLog<{ at: number }>(path).cursor();
  const order: number[] = [];
  const sink = { apply: ({ at }: { at: number }) => void order.push(at), reset: () => order.push(-1) };
  const both = [cursor.advance(sink), cursor.advance(sink)];
  await new Promise(setImmediate);
  cursor.advanceSync(sink);
  const [one, two] = await Promise.all(both);
  expect(order).toEqual(lines.map((_, at) => at));
  expect((one?.entries ?? 0) + (two?.entries ?? 0)).toBeLessThanOrEqual(40_000);
  expect(readFileSync(path).length).toBe(cursor.offset);
});
