import { fileStore } from "@flockwork/core";
import { beforeEach, describe, expect, it } from "vitest";
import { agentRegistry, type AgentDetails, type AgentRegistry } from "../../src/index.ts";
import { FakeClock } from "../../../../toolchain/testing/fake-clock.ts";
import { temporaryDirectory } from "../../../../toolchain/testing/surroundings.ts";

let clock: FakeClock;
let agents: AgentRegistry;
beforeEach(() => {
  clock = new FakeClock();
  agents = agentRegistry(fileStore(temporaryDirectory()), { clock, durability: "os" });
});

describe("many changes of one process", () => {
  it("P10: are not refused for what somebody else registers at the same time", async () => {
    const { id, generation } = await agents.register({ id: "a" });
    const hostile: readonly unknown[] = [
      { id: "bad", process: { pid: -1, host: "h" } },
      { id: "capacity", capacity: 2 ** 53 },
      { id: "lease", leaseMs: 1e300 },
      { id: "grace", graceMs: Infinity },
      { id: "hole", capabilities: Object.assign([], { length: 2 }) },
      undefined,
      null,
      "a",
    ];
    const refused = [
      ...hostile.map((details) => agents.register(details as AgentDetails)),
      ...hostile.map((details) => agents.join(details as AgentDetails)),
      agents.register({ id: "empty" }, { resumeToken: "" }),
    ];
    const [beat, ...outcomes] = await Promise.allSettled([agents.heartbeat(id, generation), ...refused]);
    expect(beat).toMatchObject({ status: "fulfilled" });
    for (const each of outcomes)
      expect(each).toMatchObject({
        status: "rejected",
        reason: { message: expect.stringMatching(/must (be|not)/) as string },
      });
    expect((await agents.list()).map((agent) => agent.id)).toEqual(["a"]);
  });

  it("share few commits, each with its own result or error", async () => {
    const ids = Array.from({ length: 200 }, (_, at) => `agent-${at}`);
    const all = await Promise.all(ids.map((id) => agents.register({ id })));
    expect(new Set(all.map(({ generation }) => generation)).size).toBe(200);
    clock.pass(1_000);
    const beats = all.map(({ id, generation }, at) => agents.heartbeat(id, at === 7 ? "1" : generation));
    const outcomes = await Promise.allSettled(beats);
    expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(1);
    expect(outcomes[7]).toMatchObject({ status: "rejected", reason: { code: "ERR_STALE_GENERATION" } });
    const seen = (await agents.list()).filter(({ lastSeenAt }) => lastSeenAt === "2026-01-01T00:00:01.000Z");
    expect(seen).toHaveLength(199);
  });
});
