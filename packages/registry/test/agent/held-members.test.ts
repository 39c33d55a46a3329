/** Another process's pause in the middle of a write, as it looks to us: the lock of a member cannot be had. */
import {
  fileStore,
  identifyProcess,
  lockMetrics,
  LockTimeoutError,
  type Store,
  type StoreLockHold,
} from "@flockwork/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { agentRegistry, type AgentRegistry } from "../../src/index.ts";
import { releasingIn, tasksOf } from "../fixtures/releasing.ts";
import { temporaryDirectory } from "../../../../toolchain/testing/surroundings.ts";

const gone = { ...identifyProcess(), startTicks: "1" };
let directory = "";
let store: Store;
let agents: AgentRegistry;
let held: StoreLockHold;
beforeEach(async () => {
  directory = temporaryDirectory();
  store = fileStore(directory, { timeoutMs: 100 });
  agents = agentRegistry(store, { durability: "os" });
  agents.onDeath("*", releasingIn(store));
  await tasksOf(store).write({ claims: { 1: "a" } });
  held = await fileStore(directory).lock("tasks.json").acquire("exclusive");
});
afterEach(() => held.release());

it("a sweep waits for it once, not once for each of the dead, and the next sweep ends them all", async () => {
  const ids = Array.from({ length: 20 }, (_, at) => `agent-${at}`);
  await Promise.all(ids.map((id) => agents.register({ id, process: gone })));
  const before = lockMetrics().timeouts;
  const { evicted, failed } = await agents.sweep();
  expect(lockMetrics().timeouts - before).toBe(1);
  expect(evicted).toEqual([]);
  expect(failed.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  for (const { error } of failed) expect(error).toMatchObject({ code: "ERR_LOCK_TIMEOUT" });
  await held.release();
  expect((await agents.sweep()).evicted).toHaveLength(20);
});

it("the bounds of a registration hold for the end of its predecessor, too", async () => {
  const patientStore = fileStore(directory);
  const patient = agentRegistry(patientStore, { durability: "os" });
  patient.onDeath("*", releasingIn(patientStore));
  await patient.register({ id: "a", process: gone });
  const refused: unknown = await patient
    .register({ id: "a" }, { timeoutMs: 50 })
    .catch((error: unknown) => error);
  if (!(refused instanceof LockTimeoutError)) throw refused;
  expect(refused.timeoutMs).toBeLessThanOrEqual(50);
  await held.release();
  expect(await patient.register({ id: "a" }, { timeoutMs: 30_000 })).toMatchObject({ resumed: false });
});
