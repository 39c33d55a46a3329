import { spawnSync } from "node:child_process";
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
    message: expect.stringContaining(`${worker.child.pid}`) as string,
  });
  await worker.kill();
  const hold = await acquireDaemonLock(store);
  expect(isFree()).toBe(false);
  await hold.release();
  expect(isFree()).toBe(true);
});
