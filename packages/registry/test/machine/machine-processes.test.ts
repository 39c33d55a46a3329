/** The six scenarios of Gas Town's own tests of its registry, each across real processes. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileStore, listLocks } from "@flockwork/core";
import { beforeEach, expect, it } from "vitest";
import { machineRegistry } from "../../src/index.ts";
import { readJson, temporaryDirectory, until, Worker } from "../../../../toolchain/testing/surroundings.ts";

const fixture = new URL("../fixtures/machine-worker.ts", import.meta.url);
const names = ["p0", "p1", "p2", "p3"] as const;
let directory = "";
let path = "";
beforeEach(() => {
  directory = temporaryDirectory();
  path = join(directory, "machines.json");
});

async function inEachProcess(act: string, count: number): Promise<void> {
  const workers = names.map((name) => new Worker(fixture, act, directory, name, `${count}`));
  expect(await Promise.all(workers.map((worker) => worker.exit()))).toEqual(names.map(() => 0));
}

function machinesInFile(): string[] {
  return Object.keys(readJson(path)["machines"] ?? {}).filter((name) => name !== "local");
}

it("P1, concurrent add: no machine of 4 processes is lost", async () => {
  await inEachProcess("add", 30);
  expect(machinesInFile()).toHaveLength(4 * 30);
});

it("P1, P4, concurrent read and write: readers without a lock read whole registries only", async () => {
  await machineRegistry(fileStore(directory)).add({ name: "first", type: "ssh", host: "h" });
  const readers = [1, 2].map(() => new Worker(fixture, "read", directory));
  await Promise.all(readers.map((reader) => reader.sent(1)));
  await inEachProcess("add", 20);
  for (const reader of readers) reader.tell("stop");
  for (const reader of readers) {
    const [, reads] = await reader.sent(2);
    expect(await reader.exit()).toBe(0);
    expect(reads).toBeGreaterThan(1);
  }
  expect(machinesInFile()).toHaveLength(4 * 20 + 1);
});

it("P1, concurrent remove: exactly those that were removed are gone", async () => {
  const machines = machineRegistry(fileStore(directory));
  const all = names.flatMap((name) => Array.from({ length: 20 }, (_, at) => `${name}-${at}`));
  await Promise.all(all.map((name) => machines.add({ name, type: "ssh", host: "h" })));
  await inEachProcess("remove", 15);
  expect(machinesInFile().toSorted()).toEqual(
    all.filter((name) => Number(name.split("-")[1]) >= 15).toSorted(),
  );
});

it("P1, multi-process: adds, updates, reads and removes in turn leave what each process left", async () => {
  await inEachProcess("mix", 9);
  const expected = names.flatMap((name) => [0, 3, 6].map((at) => `${name}-${at}`));
  expect(machinesInFile().toSorted()).toEqual(expected.toSorted());
  for (const name of expected)
    expect(readJson(path)["machines"]?.[name]).toMatchObject({ town_path: `/town/${name.split("-")[1]}` });
});

it("P2, P3, P6, atomic write: a process killed in the middle leaves a whole registry and no stray file", async () => {
  const machines = machineRegistry(fileStore(directory));
  await machines.add({ name: "kept", type: "ssh", host: "h" });
  for (let round = 0; round < 2; round += 1) {
    const worker = new Worker(fixture, "add", directory, `k${round}`, "1000000");
    await until(() => machinesInFile().some((name) => name.startsWith(`k${round}-`)));
    await worker.kill();
    await machines.update("kept", { town_path: `/${round}` });
    expect((await machines.get("kept")).town_path).toBe(`/${round}`);
  }
  expect(readdirSync(directory).filter((name) => !name.startsWith(".gastown"))).toEqual(["machines.json"]);
});

it("P2, lock clean-up: locks of processes that are gone are free, and stale files in their place do no harm", async () => {
  const machines = machineRegistry(fileStore(directory));
  await machines.add({ name: "a", type: "ssh", host: "h" });
  const worker = new Worker(fixture, "add", directory, "k", "1000000");
  await until(() => machinesInFile().length > 2);
  await worker.kill();
  const lock = join(directory, ".gastown/locks/machines.json.lock");
  expect(readFileSync(lock, "utf8")).toMatch(/^\d+\n$/);
  expect(listLocks(join(directory, ".gastown/locks")).filter(({ held }) => held)).toEqual([]);
  writeFileSync(lock, "999999999\n");
  await machines.remove("a");
  expect(readFileSync(lock, "utf8")).toBe(`${process.pid}\n`);
});
