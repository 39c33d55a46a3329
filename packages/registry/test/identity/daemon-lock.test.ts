import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { expect, it } from "vitest";
import { acquireDaemonLock } from "../../src/index.ts";
import { temporaryDirectory, Worker } from "../../../../toolchain/testing/surroundings.ts";

const fixture = new URL("../fixtures/identity-worker.ts", import.meta.url);

it("P1, P2: is flock on daemon.lock itself, for one process, until that ends", async () => {
  const directory = temporaryDirectory();
  const store = fileStore(directory);
  const path = join(directory, "daemon/daemon.lock");
  const isFree = (): boolean => spawnSync("flock", ["-n", path, "true"]).status === 0;
  const worker = new Worker(fixture, "daemon", directory);
  expect(await worker.sent(1)).toEqual(["held"]);
  expect(isFree()).toBe(false);
  await expect(acquireDaemonLock(store)).rejects.toMatchObject({
    code: "ERR_IDENTITY_HELD",
    pid: worker.child.pid,
    message: expect.stringContaining(`${worker.child.pid}`) as string,
  });
  await worker.kill();
  const hold = await acquireDaemonLock(store);
  expect(isFree()).toBe(false);
  await hold.release();
  expect(isFree()).toBe(true);
});

it("is beside daemon.pid, the pid and a nonce, which goes with it", async () => {
  const directory = temporaryDirectory();
  const store = fileStore(directory);
  const path = join(directory, "daemon/daemon.pid");
  const nonces = new Set<string>();
  for (let round = 0; round < 2; round += 1) {
    const hold = await acquireDaemonLock(store);
    const [pid, nonce = "", ...rest] = readFileSync(path, "utf8").split("\n");
    expect([pid, rest]).toEqual([String(process.pid), []]);
    expect(nonce).toMatch(/^[0-9a-f]{16}$/);
    expect(statSync(path).mode & 0o777).toBe(0o644);
    nonces.add(nonce);
    await hold.release();
    await hold.release();
    expect(existsSync(path)).toBe(false);
  }
  expect(nonces.size).toBe(2);
});

it("P3: replaces the daemon.pid of a daemon that was killed, and of Gas Town's own", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "daemon/daemon.pid");
  const worker = new Worker(fixture, "daemon", directory);
  await worker.sent(1);
  await worker.kill();
  expect(readFileSync(path, "utf8")).toMatch(new RegExp(`^${worker.child.pid}\n`));
  for (const left of [undefined, "4194303\n9f3c0de1aa55beef", "4194303", ""]) {
    if (left !== undefined) writeFileSync(path, left);
    const hold = await acquireDaemonLock(fileStore(directory));
    expect(readFileSync(path, "utf8").startsWith(`${process.pid}\n`)).toBe(true);
    await hold.release();
  }
});

it("names no process from a daemon.pid whose process has ended, and leaves the daemon.pid of another alone", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "daemon/daemon.pid");
  const hold = await acquireDaemonLock(fileStore(directory));
  writeFileSync(path, "4194303\nsomebody else's");
  await expect(acquireDaemonLock(fileStore(directory))).rejects.toMatchObject({
    code: "ERR_IDENTITY_HELD",
    pid: undefined,
  });
  await hold.release();
  expect(readFileSync(path, "utf8")).toBe("4194303\nsomebody else's");
});

it("P6: where daemon.pid cannot be written, the lock is not held either", async () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "daemon/daemon.pid"), { recursive: true });
  const store = fileStore(directory);
  await expect(acquireDaemonLock(store)).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
  expect(spawnSync("flock", ["-n", join(directory, "daemon/daemon.lock"), "true"]).status).toBe(0);
});
