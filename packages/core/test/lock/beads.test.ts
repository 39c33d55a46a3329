import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { describe, expect, it } from "vitest";

import { acquireLock, tryAcquireLock } from "../../src/lock/acquire-lock.ts";
import { withWriteLock } from "../../src/lock/with-lock.ts";
import { deadPid, isFlocked } from "../support/lock-neighbours.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";

const space = useLockSpace();
const layout = "beads";

describe("the beads layout", () => {
  it("is Gas Town's lock where there is no SQLite database", async () => {
    const lock = await acquireLock(space.file("issues.jsonl"), "exclusive", { layout });
    expect(lock.lockPath).toBe(space.file(".gastown/locks/issues.jsonl.flock"));
    const theirs = space.file(".gastown/locks/issues.jsonl.lock");
    expect([isFlocked(lock.lockPath), isFlocked(theirs)]).toEqual([true, true]);
    expect(readFileSync(theirs, "utf8")).toBe(`${process.pid}\n`);
    expect(existsSync(space.file(".exclusive-lock"))).toBe(false);
    await lock.release();
  });

  it("takes every lock that bd of the SQLite era honours, and removes only the exclusive one", async () => {
    writeFileSync(space.file("beads.db"), "");
    await withWriteLock(
      space.file("issues.jsonl"),
      () => {
        for (const name of [".sync.lock", ".jsonl.lock", ".gastown/locks/issues.jsonl.lock"]) {
          expect(isFlocked(space.file(name))).toBe(true);
        }
        const shown = JSON.parse(readFileSync(space.file(".exclusive-lock"), "utf8")) as Record<
          string,
          unknown
        >;
        expect(shown).toMatchObject({ pid: process.pid, hostname: hostname() });
        expect(Number.isNaN(Date.parse(String(shown["started_at"])))).toBe(false);
        for (const field of ["holder", "version"]) expect(shown[field]).toBeTypeOf("string");
      },
      { layout },
    );
    expect(existsSync(space.file(".exclusive-lock"))).toBe(false);
    for (const name of [".sync.lock", ".jsonl.lock"]) expect(isFlocked(space.file(name))).toBe(false);
    expect(statSync(space.file(".jsonl.lock")).mode & 0o777).toBe(0o600);
  });

  it("notices that the era changed between two acquisitions", async () => {
    const path = space.file("issues.jsonl");
    const sync = space.file(".sync.lock");
    await withWriteLock(path, () => expect(existsSync(sync)).toBe(false), { layout });
    writeFileSync(space.file("beads.db"), "");
    await withWriteLock(path, () => expect(isFlocked(sync)).toBe(true), { layout });
  });

  it("gives other files of the directory their own lock in every era", async () => {
    writeFileSync(space.file("beads.db"), "");
    const lock = await acquireLock(space.file("routes.jsonl"), "exclusive", { layout });
    expect(lock.lockPath).toBe(space.file(".gastown/locks/routes.jsonl.flock"));
    await lock.release();
  });

  it("respects the exclusive lock of a live process and of another host, and breaks that of a dead one", async () => {
    writeFileSync(space.file("beads.db"), "");
    await using neighbour = await LockPeer.start();
    const write = (fields: object): void =>
      writeFileSync(
        space.file(".exclusive-lock"),
        JSON.stringify({ holder: "x", started_at: "2020-01-01T00:00:00Z", version: "0.49.6", ...fields }),
      );
    const isFree = async (): Promise<boolean> => {
      const lock = await tryAcquireLock(space.file("issues.jsonl"), "exclusive", { layout });
      await lock?.release();
      return lock !== undefined;
    };
    write({ pid: neighbour.pid, hostname: hostname().toUpperCase() });
    expect(await isFree()).toBe(false);
    write({ pid: deadPid(), hostname: "elsewhere.example" });
    expect(await isFree()).toBe(false);
    writeFileSync(space.file(".exclusive-lock"), "{malformed");
    expect(await isFree()).toBe(false);
    write({ pid: deadPid(), hostname: hostname() });
    expect(await isFree()).toBe(true);
  });
});
