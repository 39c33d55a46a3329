import { fileStore, identifyProcess, type Store } from "@flockwork/core";
import { beforeEach, describe, expect, it } from "vitest";
import { agentRegistry, type AgentRegistry } from "../../src/index.ts";
import { FakeClock } from "../../../../toolchain/testing/fake-clock.ts";
import { temporaryDirectory } from "../../../../toolchain/testing/surroundings.ts";

const startOfTest = "2026-01-01T00:00:00.000Z";
const tenYears = 10 * 365 * 86_400_000;
const self = identifyProcess();
const elsewhere = { ...self, host: "elsewhere.example" };
let store: Store;
let clock: FakeClock;
let agents: AgentRegistry;
beforeEach(() => {
  store = fileStore(temporaryDirectory());
  clock = new FakeClock();
  agents = agentRegistry(store, { clock, durability: "os" });
});

async function livenessOf(id: string): Promise<string> {
  return (await agents.get(id)).liveness;
}

describe("proof of death by the process", () => {
  it.each([
    ["process-gone", { ...self, pid: 4_194_303 }],
    ["process-replaced", { ...self, startTicks: "1" }],
    ["boot-changed", { ...self, bootId: "another" }],
  ])("%s: evicts at once, and says why", async (proof, process) => {
    const { generation } = await agents.register({ id: "a", process, labels: { x: "y" } });
    expect(await livenessOf("a")).toBe("dead");
    expect(await agents.getAgentStatus("a")).toBe("dead");
    expect(await agents.whyDead("a")).toMatchObject({ proof, generation });
    const { evicted } = await agents.sweep();
    expect(evicted).toEqual([
      expect.objectContaining({ id: "a", generation, proof, labels: { x: "y" }, lastSeenAt: startOfTest }),
    ]);
    expect(await agents.whyDead("a")).toEqual(evicted[0]);
    expect((await agents.sweep()).evicted).toEqual([]);
  });

  it("is had of a pid of one namespace alone: the same pid of another's is another process", async () => {
    const process = { ...self, pid: 4_194_303 };
    await agents.register({ id: "a", process });
    await agents.register({ id: "b", process: { ...process, pidNamespace: "pid:[1]" } });
    expect((await agents.list()).map(({ liveness }) => liveness)).toEqual(["dead", "alive"]);
    expect((await agents.sweep()).evicted.map(({ id }) => id)).toEqual(["a"]);
  });

  it("is not had of a process that runs: it is never dead, however long it is silent", async () => {
    const { generation } = await agents.register({ id: "a" });
    for (let round = 0; round < 5; round += 1) {
      clock.pass(tenYears);
      const { suspected, evicted } = await agents.sweep();
      expect(suspected).toEqual(round === 0 ? ["a"] : []);
      expect(evicted).toEqual([]);
    }
    expect(await livenessOf("a")).toBe("suspect");
    expect(await agents.whyDead("a")).toBeUndefined();
    await agents.heartbeat("a", generation);
    expect(await livenessOf("a")).toBe("alive");
  });
});

describe("proof of death by silence, where the process cannot be seen", () => {
  it.each([
    ["of another host", elsewhere],
    ["of another pid namespace", { ...self, pidNamespace: "pid:[1]" }],
    ["unknown", "unknown" as const],
  ])("%s: alive, suspect after its lease, dead after its grace", async (_, process) => {
    await agents.register({ id: "a", process, leaseMs: 1_000, graceMs: 5_000 });
    clock.pass(1_000);
    expect(await agents.sweep()).toMatchObject({ suspected: [], evicted: [] });
    clock.pass(1);
    expect(await livenessOf("a")).toBe("suspect");
    expect(await agents.sweep()).toMatchObject({ suspected: ["a"], evicted: [] });
    clock.pass(4_999);
    expect(await agents.sweep()).toMatchObject({ suspected: [], evicted: [] });
    clock.pass(1);
    expect(await agents.sweep()).toMatchObject({ evicted: [{ id: "a", proof: "lease-expired" }] });
  });

  it("needs a sweep that found it suspect: one late sweep kills nobody", async () => {
    const { generation } = await agents.register({ id: "a", process: elsewhere });
    clock.pass(tenYears);
    expect((await agents.sweep()).evicted).toEqual([]);
    await agents.heartbeat("a", generation);
    clock.pass(30_000);
    expect(await livenessOf("a")).toBe("alive");
    expect((await agents.sweep()).evicted).toEqual([]);
  });

  it("P8: jumps of the wall clock, and sleep of the machine, prove nothing", async () => {
    await agents.register({ id: "a", process: elsewhere });
    for (const jump of [tenYears, -2 * tenYears, tenYears, tenYears]) {
      clock.jump(jump);
      expect(await agents.sweep()).toEqual({ suspected: [], evicted: [], settled: [], failed: [] });
      expect(await livenessOf("a")).toBe("alive");
    }
  });

  it("P8: after a beat on a clock that cannot be read here, sleep makes suspect, and only awake silence dead", async () => {
    const theirs = agentRegistry(store, { clock: new FakeClock("another boot"), durability: "os" });
    const { generation } = await theirs.register({ id: "a", process: elsewhere });
    clock.jump(8 * 3_600_000); // the lid was closed
    expect(await agents.sweep()).toMatchObject({ suspected: ["a"], evicted: [] });
    clock.jump(8 * 3_600_000);
    expect((await agents.sweep()).evicted).toEqual([]);
    await theirs.heartbeat("a", generation);
    clock.jump(-16 * 3_600_000);
    expect(await livenessOf("a")).toBe("alive");
  });

  it.each([
    ["one that stays", false],
    ["one at a time", true],
  ])(
    "P8: a wall clock that jumps takes nothing of a lease, however short the grace; sweepers: %s",
    async (_, anew) => {
      const theirClock = new FakeClock("another boot");
      const theirs = agentRegistry(store, { clock: theirClock, durability: "os" });
      const { generation } = await theirs.register({
        id: "a",
        process: elsewhere,
        leaseMs: 300_000,
        graceMs: 1_000,
      });
      const sweeper = agentRegistry(store, { clock, durability: "os" });
      const sweep = () => (anew ? agentRegistry(store, { clock, durability: "os" }) : sweeper).sweep();
      clock.jump(tenYears);
      for (let beats = 0; beats < 3; beats += 1) {
        expect(await sweep()).toMatchObject({ suspected: ["a"], evicted: [] });
        for (const each of [clock, theirClock]) each.pass(299_999);
        expect((await sweep()).evicted).toEqual([]);
        await theirs.heartbeat("a", generation);
      }
      expect(await sweep()).toMatchObject({ suspected: ["a"], evicted: [] });
      clock.pass(300_999);
      expect((await sweep()).evicted).toEqual([]);
      clock.pass(1);
      expect((await sweep()).evicted).toMatchObject([{ id: "a", proof: "lease-expired" }]);
    },
  );

  it("P8: silence is noticed even when the beat lies in the future", async () => {
    const theirs = agentRegistry(store, {
      clock: new FakeClock("another boot", Date.parse("2126-01-01T00:00:00Z")),
      durability: "os",
    });
    await theirs.register({ id: "a", process: elsewhere });
    expect(await agents.sweep()).toMatchObject({ suspected: [] });
    clock.pass(30_001);
    expect(await agents.sweep()).toMatchObject({ suspected: ["a"] });
    clock.pass(30_000);
    expect(await agents.sweep()).toMatchObject({ evicted: [{ proof: "lease-expired" }] });
  });

  it("is had of silence although machines with clocks of their own sweep in turn", async () => {
    await agents.register({ id: "a", process: elsewhere });
    const clocks = [clock, new FakeClock("another machine", clock.wallMs, 5)];
    const sweepers = clocks.map((each) => agentRegistry(store, { clock: each, durability: "os" }));
    const sweepInTurn = async (ms: number): Promise<number> => {
      for (const each of clocks) each.pass(ms);
      let evicted = 0;
      for (const sweeper of sweepers) evicted += (await sweeper.sweep()).evicted.length;
      return evicted;
    };
    expect([await sweepInTurn(0), await sweepInTurn(30_001)]).toEqual([0, 0]);
    expect([await sweepInTurn(15_000), await sweepInTurn(14_999)]).toEqual([0, 0]);
    expect(await sweepInTurn(1)).toBe(1);
  });

  it("counts anew when the sweeper's clock is another one", async () => {
    await agents.register({ id: "a", process: elsewhere });
    clock.pass(30_001);
    await agents.sweep();
    const rebooted = new FakeClock("after the boot", clock.wallMs + tenYears);
    const after = agentRegistry(store, { clock: rebooted, durability: "os" });
    expect(await after.sweep()).toMatchObject({ suspected: [], evicted: [] });
    rebooted.pass(59_999);
    expect((await after.sweep()).evicted).toEqual([]);
    rebooted.pass(1);
    expect((await after.sweep()).evicted).toHaveLength(1);
  });
});

it("a sweep with nothing to do writes nothing", async () => {
  await agents.register({ id: "a" });
  const document = store.document({ name: "registry.json", layout: "gastown" });
  const { revision } = await document.readWithRevision();
  await agents.sweep();
  expect((await document.readWithRevision()).revision).toBe(revision);
});
