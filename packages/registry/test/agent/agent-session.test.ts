import { once } from "node:events";
import { fileStore, identifyProcess } from "@flockwork/core";
import { beforeEach, expect, it } from "vitest";
import { agentRegistry, StaleGenerationError, type AgentRegistry } from "../../src/index.ts";
import { temporaryDirectory, until } from "../../../../toolchain/testing/surroundings.ts";

let agents: AgentRegistry;
beforeEach(() => {
  agents = agentRegistry(fileStore(temporaryDirectory()), { durability: "os" });
});

it("beats by itself until it leaves", async () => {
  const me = await agents.join({ id: "a" }, { heartbeatMs: 5 });
  const first = (await agents.get("a")).lastSeenAt;
  await until(async () => (await agents.get("a")).lastSeenAt !== first);
  await me.setStatus("working");
  expect((await agents.get("a")).status).toBe("working");
  expect(await me.leave()).toBe(true);
  expect(await me.leave()).toBe(true);
  expect(me.signal.aborted).toBe(false);
  expect(await agents.list()).toEqual([]);
});

it("learns that it was declared dead, and does not remove its successor", async () => {
  const me = await agents.join(
    { id: "a", process: { ...identifyProcess(), startTicks: "1" } },
    { heartbeatMs: 5 },
  );
  const aborted = once(me.signal, "abort");
  const successor = await agents.register({ id: "a" });
  await aborted;
  expect(me.signal.reason).toBeInstanceOf(StaleGenerationError);
  expect(await me.leave()).toBe(false);
  expect((await agents.get("a")).generation).toBe(successor.generation);
});

it("does not speak for its successor: its status is refused, and it learns that it is over", async () => {
  const process = { ...identifyProcess(), startTicks: "1" };
  const me = await agents.join({ id: "a", process }, { heartbeatMs: 3_600_000 });
  await agents.register({ id: "a", status: "mine" });
  await expect(me.setStatus("still here")).rejects.toMatchObject({ code: "ERR_STALE_GENERATION" });
  expect(me.signal.aborted).toBe(true);
  expect(await agents.getAgentStatus("a")).toBe("mine");
});

it("is given back by `await using`, too", async () => {
  {
    await using me = await agents.join({ id: "a" });
    expect(me.resumed).toBe(false);
  }
  expect(await agents.list()).toEqual([]);
});

it.each([{ heartbeatMs: 0 }, { heartbeatMs: NaN }, { heartbeatMs: "5" }])(
  "refuses %j, and registers nobody",
  async (options) => {
    await expect(agents.join({ id: "a" }, options as never)).rejects.toThrow("heartbeatMs");
    expect(await agents.list()).toEqual([]);
  },
);
