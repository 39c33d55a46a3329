import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { appendLines, appendLinesSync } from "../../src/atomic/append-lines.ts";
import { appendEngineCount, closeAppendFiles } from "../../src/atomic/append-registry.ts";
import { replaceFile } from "../../src/atomic/replace-file.ts";
import { acquireLock } from "../../src/lock/acquire-lock.ts";
import { withWriteLock } from "../../src/lock/with-lock.ts";
import { realFileSystem, substituteFileSystem } from "../../src/platform/file-system.ts";
import { countingCalls } from "./faults.ts";
import { descriptorsIn, namesIn, temporaryDirectory } from "./surroundings.ts";

const text = (path: string): string => readFileSync(path, "utf8");
const newLog = (): string => join(temporaryDirectory(), "events.log");

describe("appendLines", () => {
  it("adds whole lines and says where they are", async () => {
    const path = newLog();
    const first = await appendLines(path, ["one", "", "trois é"]);
    const second = appendLinesSync(path, ["four"]);
    expect(text(path)).toBe("one\n\ntrois é\nfour\n");
    expect(first).toMatchObject({ changed: true, durability: "disk", offset: 0, nextOffset: 14 });
    expect(second).toMatchObject({ offset: 14, nextOffset: 19 });
    expect(await appendLines(path, [])).toEqual({ ...second, offset: 19, changed: false });
  });

  it("creates a missing file that others may read, and makes its name durable", async () => {
    const path = newLog();
    const { calls } = await countingCalls(() => appendLines(path, ["one"]));
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(calls.filter((call) => call.endsWith("sync"))).toEqual(["fdatasync", "fsync"]);
    const next = await countingCalls(() => appendLines(path, ["two"]));
    expect(next.calls.filter((call) => call.endsWith("sync"))).toEqual(["fdatasync"]);
  });

  it("appending nothing creates nothing", async () => {
    const path = newLog();
    expect(await appendLines(path, [])).toMatchObject({ changed: false, offset: 0 });
    expect(namesIn(join(path, ".."))).toEqual([]);
  });

  it("refuses lines that are none, naming the first, before anything is written", async () => {
    const path = newLog();
    await expect(appendLines(path, ["fine", "two\nlines"])).rejects.toThrow(/lines\[1\] contains a newline/);
    await expect(appendLines(path, [7 as never])).rejects.toThrow(TypeError);
    await expect(appendLines(path, ["half \udc00"])).rejects.toThrow(/lines\[0\].*surrogate/);
    expect(() => appendLinesSync(path, "line" as never)).toThrow(TypeError);
    expect(namesIn(join(path, ".."))).toEqual([]);
  });

  it("syncs at disk and leaves it at os", async () => {
    const path = newLog();
    await appendLines(path, ["one"]);
    const { calls } = await countingCalls(() => appendLines(path, ["two"], { durability: "os" }));
    expect(calls.filter((call) => call.endsWith("sync"))).toEqual([]);
  });

  it("P9: appends through a link to the one file behind it", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "events.log");
    const link = join(directory, "link.log");
    symlinkSync("events.log", link);
    await Promise.all([appendLines(link, ["via link"]), appendLines(path, ["direct"])]);
    expect(text(path)).toBe("via link\ndirect\n");
  });

  it("P10: refuses what is no regular file", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "directory"));
    execFileSync("mkfifo", [join(directory, "fifo")]);
    for (const name of ["directory", "fifo"]) {
      await expect(appendLines(join(directory, name), ["x"]), name).rejects.toMatchObject({
        code: "ERR_UNSAFE_PATH",
      });
      expect(() => appendLinesSync(join(directory, name), ["x"])).toThrow(
        expect.objectContaining({ code: "ERR_UNSAFE_PATH" }),
      );
    }
  });

  it("follows the file when a neighbour replaces it between appends", async () => {
    const path = newLog();
    await appendLines(path, ["one"]);
    await replaceFile(path, "fresh\n");
    await appendLines(path, ["two"]);
    writeFileSync(`${path}.new`, "fresher\n");
    renameSync(`${path}.new`, path);
    appendLinesSync(path, ["three"]);
    expect(text(path)).toBe("fresher\nthree\n");
    truncateSync(path);
    await appendLines(path, ["four"]);
    expect(text(path)).toBe("four\n");
  });

  it("inside the lock of the same file it fails at once instead of waiting for itself", async () => {
    const path = newLog();
    await withWriteLock(path, async () => {
      await expect(appendLines(path, ["x"])).rejects.toMatchObject({ code: "ERR_LOCK_REENTRY" });
      expect(() => appendLinesSync(path, ["x"])).toThrow(
        expect.objectContaining({ code: "ERR_LOCK_REENTRY" }),
      );
    });
  });

  it("inside the lock of another file it goes through, and both files can be appended to afterwards", async () => {
    const path = newLog();
    const other = `${path}.other`;
    await withWriteLock(other, () => appendLines(path, ["x"]));
    await expect(appendLines(other, ["y"])).resolves.toBeDefined();
  });
});

describe("waiting to append", () => {
  it("each caller has its own time limit, and one that runs out leaves the others alone", async () => {
    const path = newLog();
    const lock = await acquireLock(path, "exclusive");
    const patient = appendLines(path, ["patient"]);
    const hurried = appendLines(path, ["hurried"], { timeoutMs: 20 });
    const once = appendLines(path, ["once"], { timeoutMs: 0 });
    await expect(once).rejects.toMatchObject({ code: "ERR_LOCK_TIMEOUT", timeoutMs: 0 });
    await expect(hurried).rejects.toMatchObject({ code: "ERR_LOCK_TIMEOUT", timeoutMs: 20 });
    await lock.release();
    await patient;
    expect(text(path)).toBe("patient\n");
  });

  it("an aborted caller gets its reason, and its lines are not written", async () => {
    const path = newLog();
    const lock = await acquireLock(path, "exclusive");
    const controller = new AbortController();
    const stays = appendLines(path, ["stays"]);
    const goes = appendLines(path, ["goes"], { signal: controller.signal });
    const reason = new Error("no longer wanted");
    controller.abort(reason);
    await expect(goes).rejects.toBe(reason);
    await expect(appendLines(path, ["late"], { signal: controller.signal })).rejects.toBe(reason);
    await lock.release();
    await stays;
    expect(text(path)).toBe("stays\n");
  });

  it("when the only caller aborts, nobody waits for the lock any more", async () => {
    const path = newLog();
    const lock = await acquireLock(path, "exclusive");
    const controller = new AbortController();
    const only = appendLines(path, ["x"], { signal: controller.signal, timeoutMs: Infinity });
    await new Promise(setImmediate);
    controller.abort();
    await expect(only).rejects.toThrow(/abort/i);
    await lock.release();
    await appendLines(path, ["y"], { timeoutMs: 0 });
    expect(text(path)).toBe("y\n");
  });
});

describe("group commit", () => {
  it("64 callers at once share one lock, one write and one fdatasync, and each learns its place", async () => {
    const path = newLog();
    await appendLines(path, ["warm"]);
    const { result, calls } = await countingCalls(() =>
      Promise.all(
        Array.from({ length: 64 }, (_, caller) => appendLines(path, [`caller ${caller}`, "second"])),
      ),
    );
    expect(calls.filter((call) => call === "fdatasync" || call === "fsync")).toHaveLength(1);
    expect(calls.filter((call) => call === "writeSync" || call === "write")).toHaveLength(1);
    const bytes = readFileSync(path);
    result.forEach(({ offset, nextOffset }, caller) => {
      expect(bytes.subarray(offset, nextOffset).toString()).toBe(`caller ${caller}\nsecond\n`);
    });
    expect(new Set(result.map(({ revision }) => revision)).size).toBe(64);
  });

  it("P3: no caller is told before an fdatasync that began after its write returned", async () => {
    const path = newLog();
    await appendLines(path, ["warm"]);
    const events: string[] = [];
    let letGo: () => void = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    let syncs = 0;
    const restore = substituteFileSystem({
      fdatasync: async (fd) => {
        syncs += 1;
        events.push(`sync ${syncs} begins`);
        if (syncs === 1) await held;
        await realFileSystem.fdatasync(fd);
        events.push(`sync ${syncs} ends`);
      },
    });
    try {
      const first = appendLines(path, ["first"]).then(() => events.push("first told"));
      while (syncs === 0) await new Promise(setImmediate);
      // The second batch is written while the first is being synced, and waits for a sync of its own.
      const others = ["second", "third"].map((line) =>
        appendLines(path, [line]).then(() => events.push(`${line} told`)),
      );
      while (!text(path).includes("third")) await new Promise(setImmediate);
      letGo();
      await Promise.all([first, ...others]);
    } finally {
      restore();
    }
    expect(events).toEqual(
      [
        "sync 1 begins",
        "sync 1 ends",
        "first told",
        "sync 2 begins",
        "sync 2 ends",
        "second told",
        "third told",
      ].toSorted((a, b) => events.indexOf(a) - events.indexOf(b)),
    );
    expect(events.indexOf("sync 1 ends")).toBeLessThan(events.indexOf("first told"));
    expect(events.indexOf("sync 2 ends")).toBeLessThan(events.indexOf("second told"));
    expect(syncs).toBe(2);
  });

  it("callers in turn, 64 of them, are each answered once and lose nothing", async () => {
    const path = newLog();
    await Promise.all(
      Array.from({ length: 64 }, async (_, caller) => {
        for (let turn = 0; turn < 20; turn += 1) {
          const { offset, nextOffset } = await appendLines(path, [`${caller}:${turn}`]);
          expect(readFileSync(path).subarray(offset, nextOffset).toString()).toBe(`${caller}:${turn}\n`);
        }
      }),
    );
    const lines = text(path).split("\n").slice(0, -1);
    expect(lines).toHaveLength(64 * 20);
    for (let caller = 0; caller < 64; caller += 1) {
      const own = lines.filter((line) => line.startsWith(`${caller}:`));
      expect(own).toEqual(Array.from({ length: 20 }, (_, turn) => `${caller}:${turn}`));
    }
  });

  it("lines of more than a megabyte are written whole without disturbing smaller ones", async () => {
    const path = newLog();
    const large = "x".repeat(5_000_000);
    await Promise.all([
      appendLines(path, ["small"]),
      appendLines(path, [large]),
      appendLines(path, ["after"]),
    ]);
    expect(text(path) === `small\n${large}\nafter\n`).toBe(true);
  });
});

describe("descriptors", () => {
  it("are kept between appends, closed on request, and opened again", async () => {
    const path = newLog();
    const directory = join(path, "..");
    await appendLines(path, ["one"]);
    expect(descriptorsIn(directory)).toEqual([path]);
    closeAppendFiles();
    expect(descriptorsIn(directory)).toEqual([]);
    await appendLines(path, ["two"]);
    expect(text(path)).toBe("one\ntwo\n");
    closeAppendFiles();
  });

  it("engines of idle files are forgotten, and keep no process alive", () => {
    const path = newLog();
    const script = `
      import { appendLines } from ${JSON.stringify(new URL("../../src/atomic/append-lines.ts", import.meta.url).href)};
      import { appendEngineCount } from ${JSON.stringify(new URL("../../src/atomic/append-registry.ts", import.meta.url).href)};
      for (let at = 0; at < 20; at += 1) await appendLines(${JSON.stringify(path)} + at, ["x"], { durability: "os" });
      const before = appendEngineCount();
      if (process.argv[1] === "wait") { setTimeout(() => {}, 60_000).unref(); await new Promise((done) => { const look = setInterval(() => { if (appendEngineCount() === 0) { clearInterval(look); done(); } }, 50); }); }
      console.log(before, appendEngineCount());`;
    const run = (mode: string): string =>
      execFileSync(
        process.execPath,
        ["--conditions=@flockwork/source", "--input-type=module", "-e", script, mode],
        { encoding: "utf8" },
      );
    expect(run("leave").trim()).toBe("20 20");
    expect(run("wait").trim()).toBe("20 0");
    expect(appendEngineCount()).toBeGreaterThanOrEqual(0);
  });
});

describe("a torn tail", () => {
  const whole = '{"a":1}\n{"b":"é"}\n{"c":3}\n';

  it("T6, P5: cut at any byte, the whole lines stay and the rest is moved aside byte for byte", async () => {
    const bytes = Buffer.from(whole);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const directory = temporaryDirectory();
      const path = join(directory, "events.log");
      writeFileSync(path, bytes.subarray(0, cut));
      const kept = bytes.subarray(0, bytes.subarray(0, cut).lastIndexOf("\n") + 1);
      const torn = bytes.subarray(kept.length, cut);
      const receipt = cut % 2 === 0 ? await appendLines(path, ["next"]) : appendLinesSync(path, ["next"]);
      expect(text(path), `cut at ${cut}`).toBe(`${kept.toString()}next\n`);
      expect(receipt.offset).toBe(kept.length);
      if (torn.length === 0) {
        expect(receipt.quarantined).toBeUndefined();
        expect(namesIn(directory)).toEqual(["events.log"]);
      } else {
        expect(receipt.quarantined?.bytes).toBe(torn.length);
        expect(receipt.quarantined?.path).toMatch(/\/events\.log\.torn-\d{8}T\d{6}Z-[0-9a-f]{8}$/);
        expect(readFileSync(receipt.quarantined?.path ?? "").equals(torn)).toBe(true);
      }
    }
  });

  it.each([
    ["a run of NULs", Buffer.alloc(5_000)],
    ["half a character", Buffer.from([0xc3])],
    ["noise", Buffer.from([0xff, 0x00, 0xfe, 0x0d])],
    ["a complete JSON value", Buffer.from('{"complete":true}')],
    ["more than one chunk", Buffer.alloc(200_001, "x")],
  ])("T6: %s without a newline is torn", async (_what, tail) => {
    const path = newLog();
    writeFileSync(path, Buffer.concat([Buffer.from(whole), tail]), { mode: 0o640 });
    const seen: unknown[] = [];
    const { quarantined } = await appendLines(path, ["next"], { onQuarantine: (moved) => seen.push(moved) });
    expect(text(path)).toBe(`${whole}next\n`);
    expect(readFileSync(quarantined?.path ?? "").equals(tail)).toBe(true);
    expect(statSync(quarantined?.path ?? "").mode & 0o777).toBe(0o640);
    expect(seen).toEqual([quarantined]);
  });

  it("is durable aside before it is cut off, and the cut before anything is written there", async () => {
    const path = newLog();
    writeFileSync(path, "whole\ntorn");
    const { calls } = await countingCalls(() => appendLines(path, ["next"]));
    const steps = calls.filter((call) =>
      ["fsyncSync", "ftruncateSync", "fdatasyncSync", "writeSync", "fdatasync"].includes(call),
    );
    const [aside, cut] = [
      ["writeSync", "fsyncSync", "fsyncSync"],
      ["ftruncateSync", "fdatasyncSync"],
    ];
    expect(steps).toEqual([...aside, ...cut, "writeSync", "fdatasync"]);
  });

  it("is noticed although the descriptor was open before it was torn", async () => {
    const path = newLog();
    await appendLines(path, ["one"]);
    appendFileSync(path, "torn");
    await appendLines(path, ["two"]);
    expect(text(path)).toBe("one\ntwo\n");
  });
});
