import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { beforeEach, describe, expect, it } from "vitest";
import { agentRegistry, type AgentRegistry } from "../../src/index.ts";
import { FakeClock } from "../../../../toolchain/testing/fake-clock.ts";
import { readJson, temporaryDirectory, writeJson } from "../../../../toolchain/testing/surroundings.ts";

let path = "";
let clock: FakeClock;
let agents: AgentRegistry;
beforeEach(() => {
  const directory = temporaryDirectory();
  path = join(directory, "registry.json");
  clock = new FakeClock();
  agents = agentRegistry(fileStore(directory), { clock, durability: "os" });
});

describe("what other programs write", () => {
  it("is accepted with either name of the status, and keeps its names", async () => {
    writeJson(path, {
      old: { Status: "idle", UpdatedAt: "2025-12-31T23:59:59Z", Extra: 1 },
      new: { status: "busy", updatedAt: "2025-01-01T00:00:00Z" },
    });
    expect(await agents.getAgentStatus("old")).toBe("idle");
    expect(await agents.getAgentStatus("new")).toBe("busy");
    expect(await agents.getAgentStatus("none")).toBe("");
    await agents.updateAgentStatus("old", "working");
    await agents.updateAgentStatus("fresh", "hello");
    const file = readJson(path);
    expect(file["old"]).toMatchObject({ Status: "working", UpdatedAt: "2026-01-01T00:00:00.000Z", Extra: 1 });
    expect(file["old"]).not.toHaveProperty("status");
    expect(file["fresh"]).toMatchObject({ Status: "hello" });
    expect((await agents.list()).map(({ id, liveness, generation }) => [id, liveness, generation])).toEqual([
      ["fresh", "alive", undefined],
      ["new", "suspect", undefined],
      ["old", "alive", undefined],
    ]);
  });

  it.each(["updatedAt", "UpdatedAt"])(
    "P10: is shown as suspect where its %s is no instant",
    async (field) => {
      const file = { x: { status: "busy", [field]: { valueOf: 1, toString: 1 } } };
      writeJson(path, file);
      expect(await agents.list()).toMatchObject([
        { id: "x", status: "busy", statusAt: "", liveness: "suspect" },
      ]);
      expect(await agents.get("x")).toMatchObject({ liveness: "suspect" });
      expect(await agents.getAgentStatus("x")).toBe("busy");
      const { value } = await agents.watch().next();
      expect(value).toMatchObject({ id: "x", type: "updated" });
      expect(readJson(path)).toEqual(file);
    },
  );

  it("P7: where no revision is above the last one, nothing of a call that needs one is written", async () => {
    const { generation } = await agents.register({ id: "a" });
    const file = readJson(path);
    writeJson(path, { ...file, b: { status: "x", prunedThrough: "9".repeat(38) } });
    const before = readJson(path);
    const calls = [
      agents.register({ id: "c" }),
      agents.updateAgentStatus("a", "busy"),
      agents.updateAgentStatus("d", "new"),
      agents.unregister("a", generation),
    ];
    for (const outcome of await Promise.allSettled(calls))
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "ERR_UNSUPPORTED" } });
    expect(readJson(path)).toEqual(before);
    await agents.heartbeat("a", generation);
    clock.pass(86_400_000);
    await expect(agents.sweep()).rejects.toMatchObject({ code: "ERR_UNSUPPORTED" });
    expect(readJson(path)["a"]).not.toHaveProperty("suspect");
  });

  it("is never swept, and can be registered over without losing it", async () => {
    writeJson(path, { a: { Status: "idle", note: "kept" } });
    clock.pass(86_400_000);
    expect(await agents.sweep()).toEqual({ suspected: [], evicted: [], settled: [], failed: [] });
    await agents.register({ id: "a" });
    expect(readJson(path)["a"]).toMatchObject({ Status: "idle", note: "kept" });
  });

  it("says so when another program dropped a registration", async () => {
    const { generation } = await agents.register({ id: "a" });
    writeJson(path, { a: { status: "x" } });
    await expect(agents.heartbeat("a", generation)).rejects.toThrow(
      "a program that drops what it does not know",
    );
  });

  it.each([
    "[]",
    '{"a": 1}',
    '{"a": {"status": 1}}',
    '{"a": {"generation": "1"}}',
    '{"a": {"process": {"pid": 0}}}',
    '{"a": {"heartbeat": {"at": "2026-01-01T00:00:00Z", "leaseMs": 1, "graceMs": 1, "monotonic": {"clock": "test", "ms": "x"}}}}',
    '{"a": {"suspect": {"since": "2026-01-01T00:00:00Z", "clocks": [{"clock": "test", "ms": null}]}}}',
    '{"a": {"ends": [{"generation": "1", "revision": "1", "proof": "process-gone", "endedAt": "2026-01-01T00:00:00Z", "lastSeenAt": "2026-01-01T00:00:00Z"}]}}',
  ])("P10: %s is refused, and left as it is", async (text) => {
    writeJson(path, JSON.parse(text));
    await expect(agents.list()).rejects.toMatchObject({ code: "ERR_DOCUMENT_INVALID" });
    await expect(agents.register({ id: "b" })).rejects.toMatchObject({ code: "ERR_DOCUMENT_INVALID" });
    expect(readJson(path)).toEqual(JSON.parse(text));
  });
});
