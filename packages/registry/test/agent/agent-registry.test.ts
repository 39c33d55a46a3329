import { statSync } from "node:fs";
import { join } from "node:path";
import { fileStore, identifyProcess, type Store } from "@flockwork/core";
import { beforeEach, describe, expect, it } from "vitest";
import { agentRegistry, type AgentRegistry } from "../../src/index.ts";
import { FakeClock } from "../../../../toolchain/testing/fake-clock.ts";
import { readJson, temporaryDirectory, writeJson } from "../../../../toolchain/testing/surroundings.ts";

let path = "";
let store: Store;
let clock: FakeClock;
let agents: AgentRegistry;
beforeEach(() => {
  const directory = temporaryDirectory();
  path = join(directory, "registry.json");
  store = fileStore(directory);
  clock = new FakeClock();
  agents = agentRegistry(store, { clock, durability: "os" });
});
const gone = { ...identifyProcess(), startTicks: "1" };

describe("registering", () => {
  it("makes an agent with what it says of itself", async () => {
    const { generation } = await agents.register({
      id: "town/nux",
      labels: { role: "polecat" },
      capabilities: ["go", "ts"],
      capacity: 3,
      status: "starting",
    });
    expect(await agents.get("town/nux")).toEqual({
      id: "town/nux",
      liveness: "alive",
      status: "starting",
      statusAt: "2026-01-01T00:00:00.000Z",
      generation,
      revision: generation,
      registeredAt: "2026-01-01T00:00:00.000Z",
      lastSeenAt: "2026-01-01T00:00:00.000Z",
      process: identifyProcess(),
      labels: { role: "polecat" },
      capabilities: ["go", "ts"],
      capacity: 3,
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("refuses an id that somebody has who is not proven dead, however silent", async () => {
    const first = await agents.register({ id: "a" });
    clock.pass(10 * 365 * 86_400_000);
    await agents.sweep();
    const refusal = { code: "ERR_ENTRY_EXISTS", key: "a", generation: first.generation };
    await expect(agents.register({ id: "a" })).rejects.toMatchObject(refusal);
    await agents.heartbeat("a", first.generation);
  });

  it("P7: gives each registration a higher generation, also when the clock runs backwards and after the end", async () => {
    const generations: bigint[] = [];
    for (const id of ["a", "b", "a", "c"]) {
      const { generation } = await agents.register({ id, process: gone });
      generations.push(BigInt(generation));
      clock.jump(-86_400_000);
    }
    expect(generations).toEqual(generations.toSorted((x, y) => (x < y ? -1 : 1)));
    expect(new Set(generations).size).toBe(4);
  });

  it("P7: gives a higher generation even when the registry was deleted", async () => {
    const first = await agents.register({ id: "a" });
    writeJson(path, {});
    clock.pass(1);
    const second = await agents.register({ id: "a" });
    expect(BigInt(second.generation)).toBeGreaterThan(BigInt(first.generation));
  });

  it("takes the place of one that is proven dead", async () => {
    const first = await agents.register({ id: "a", process: gone });
    const second = await agents.register({ id: "a" });
    expect(second.resumed).toBe(false);
    await expect(agents.heartbeat("a", first.generation)).rejects.toMatchObject({
      code: "ERR_STALE_GENERATION",
      presented: first.generation,
      current: second.generation,
    });
  });

  it("goes on with a registration whose token it knows, as a new generation of the same agent", async () => {
    const first = await agents.register({ id: "a", status: "busy" });
    const second = await agents.register({ id: "a" }, { resumeToken: first.resumeToken });
    expect(second).toMatchObject({ resumed: true, resumeToken: first.resumeToken });
    expect((await agents.get("a")).status).toBe("busy");
    await expect(agents.register({ id: "a" }, { resumeToken: "guess" })).rejects.toThrow(
      "registered already",
    );
    expect(JSON.stringify(readJson(path))).not.toContain(first.resumeToken);
    expect(await agents.unregister("a", first.generation)).toBe(false);
    await agents.heartbeat("a", second.generation);
  });

  it("does not go on with what was evicted meanwhile: its work is others' now", async () => {
    const first = await agents.register({ id: "a", process: gone });
    await agents.sweep();
    const second = await agents.register({ id: "a" }, { resumeToken: first.resumeToken });
    expect(second.resumed).toBe(false);
  });

  it.each([
    [{ id: "" }],
    [{ id: "__proto__" }],
    [{ id: 7 }],
    [{ id: "a", labels: { "no good": "x" } }],
    [{ id: "a", labels: { a: 1 } }],
    [{ id: "a", leaseMs: 0 }],
    [{ id: "a", graceMs: NaN }],
    [{ id: "a", capacity: -1 }],
    [{ id: "a", capabilities: "go" }],
    [{ id: "a", status: {} }],
  ])("P10: refuses %j, and writes nothing", async (details) => {
    await expect(agents.register(details as never)).rejects.toThrow(/TypeError|RangeError|must|cannot/);
    expect(() => statSync(path)).toThrow("ENOENT");
  });

  it.each(["constructor", "toString"])("takes %s for an id like any other", async (id) => {
    await expect(agents.get(id)).rejects.toMatchObject({ code: "ERR_ENTRY_NOT_FOUND" });
    expect(await agents.getAgentStatus(id)).toBe("");
    const { generation } = await agents.register({ id });
    await agents.heartbeat(id, generation);
    expect(await agents.unregister(id, generation)).toBe(true);
  });
});

describe("unregistering", () => {
  it("is remembered, and is no death", async () => {
    const { generation } = await agents.register({ id: "a" });
    expect(await agents.unregister("a", generation)).toBe(true);
    expect(await agents.unregister("a", generation)).toBe(false);
    expect(await agents.list()).toEqual([]);
    expect(await agents.getAgentStatus("a")).toBe("left");
    expect(await agents.whyDead("a")).toMatchObject({ proof: "unregistered", generation });
    await expect(agents.get("a")).rejects.toMatchObject({ code: "ERR_ENTRY_NOT_FOUND" });
  });

  it("does not remove a successor", async () => {
    const first = await agents.register({ id: "a", process: gone });
    const second = await agents.register({ id: "a" });
    expect(await agents.unregister("a", first.generation)).toBe(false);
    expect((await agents.get("a")).generation).toBe(second.generation);
  });
});

describe("listing", () => {
  it("picks by labels, capabilities and liveness, in the order of ids", async () => {
    await agents.register({ id: "c", labels: { role: "x" }, capabilities: ["go"] });
    await agents.register({ id: "a", labels: { role: "x" }, process: gone });
    await agents.register({ id: "b", labels: { role: "y" }, capabilities: ["go", "ts"] });
    const ids = async (...query: Parameters<AgentRegistry["list"]>): Promise<string[]> =>
      (await agents.list(...query)).map(({ id }) => id);
    expect(await ids()).toEqual(["a", "b", "c"]);
    expect(await ids("role=x")).toEqual(["a", "c"]);
    expect(await ids({ role: "y" })).toEqual(["b"]);
    expect(await ids("", { capabilities: ["go"] })).toEqual(["b", "c"]);
    expect(await ids("role in (x)", { liveness: ["alive"] })).toEqual(["c"]);
    expect(await ids("", { liveness: ["dead"] })).toEqual(["a"]);
    for (const options of [
      { liveness: "dead" },
      { liveness: ["zombie"] },
      { capabilities: "go" },
      { capabilities: [1] },
    ])
      await expect(agents.list("", options as never)).rejects.toThrow(
        /^(liveness|capabilities) must be an array of/,
      );
    await expect(agents.list("a b")).rejects.toMatchObject({ code: "ERR_SELECTOR_INVALID" });
  });
});
