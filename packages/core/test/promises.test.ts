import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import {
  acquireLock,
  appendJsonl,
  appendLines,
  closeAppendFiles,
  closeIdleLocks,
  replaceFile,
  tryAcquireLock,
  updateJson,
  withReadLock,
  withWriteLock,
} from "../src/index.ts";
import { LockPeer } from "./support/lock-peer.ts";

let root: string;
const realNow = Date.now;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "flockwork-promises-"));
});

afterEach(() => {
  Date.now = realNow;
  closeIdleLocks();
  closeAppendFiles();
  rmSync(root, { recursive: true, force: true });
});

const years = 365.25 * 24 * 3_600_000;
const jumps = {
  "ten years ahead": 10 * years,
  "ten years back": -10 * years,
  "past 2038": 14 * years,
  "an hour back": -3_600_000,
};

describe("P8: when the wall clock jumps", () => {
  it.each(Object.entries(jumps))(
    "%s, a lock held elsewhere stays held and a wait still ends",
    async (_, jumpMs) => {
      const path = join(root, "state.json");
      await using holder = await LockPeer.start();
      await holder.acquire("a", path, "exclusive");
      Date.now = () => realNow() + jumpMs;
      expect(await tryAcquireLock(path, "exclusive")).toBeUndefined();
      await expect(acquireLock(path, "exclusive", { timeoutMs: 20 })).rejects.toMatchObject({
        code: "ERR_LOCK_TIMEOUT",
      });
      await holder.release("a");
      await withWriteLock(path, () => undefined);
    },
  );

  it.each(Object.entries(jumps))(
    "%s, a live FlowForge lock is not taken for a dead one",
    async (_, jumpMs) => {
      mkdirSync(join(root, ".flowforge"));
      const path = join(root, ".flowforge", "tasks.json");
      await using holder = await LockPeer.start();
      await holder.acquire("a", path, "exclusive", { layout: "flowforge" });
      rmSync(join(root, ".flowforge", ".locks", "tasks.json.flock")); // leave only what old scripts look at
      Date.now = () => realNow() + jumpMs;
      expect(await tryAcquireLock(path, "exclusive", { layout: "flowforge" })).toBeUndefined();
    },
  );

  it.each(Object.entries(jumps))("%s in the middle of updates, none is lost", async (_, jumpMs) => {
    const path = join(root, "state.json");
    writeFileSync(path, '{"n":0}');
    for (let round = 0; round < 20; round += 1) {
      Date.now = () => realNow() + (round % 2 === 0 ? jumpMs : 0);
      await updateJson<{ n: number }>(path, (state) => {
        state.n += 1;
      });
    }
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ n: 20 });
  });
});

describe("P11: outside the directory of the file", () => {
  it("nothing is created, changed or chmodded by any operation", async () => {
    const [inside, outside] = [join(root, "inside"), join(root, "outside")];
    mkdirSync(inside);
    mkdirSync(outside, { mode: 0o751 });
    writeFileSync(join(outside, "state.json"), "theirs", { mode: 0o640 });
    const before = fingerprint(outside);
    const names = readdirSync(root);
    const path = join(inside, "state.json");
    await replaceFile(path, '{"n":1}');
    await updateJson<{ n: number }>(path, (state) => {
      state.n += 1;
    });
    await withReadLock(path, () => undefined);
    await appendLines(join(inside, "log.jsonl"), ["{}"]);
    await appendJsonl(join(inside, "log.jsonl"), { a: 1 });
    await withWriteLock(path, () => undefined, { layout: "gastown" });
    expect(fingerprint(outside)).toBe(before);
    expect(readdirSync(root)).toEqual(names);
  });

  it("only the file and its locks are left inside", async () => {
    const path = join(root, "state.json");
    await updateJson(path, () => ({ n: 1 }), { defaults: () => ({ n: 0 }) });
    await withReadLock(path, () => undefined);
    expect(readdirSync(root).toSorted()).toEqual(["state.json", "state.json.lock", "state.json.lock.gate"]);
  });
});

function fingerprint(directory: string): string {
  const hash = createHash("sha256").update(`${statSync(directory).mode}`);
  for (const name of readdirSync(directory).toSorted()) {
    const { mode, mtimeMs, ino } = statSync(join(directory, name));
    hash.update(`${name} ${mode} ${mtimeMs} ${ino} ${readFileSync(join(directory, name), "utf8")}`);
  }
  return hash.digest("hex");
}
