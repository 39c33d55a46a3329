import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { memoryStore } from "@flockwork/core";
import { describe, expect, it } from "vitest";
import { openJit, type JitRepository } from "../../src/jit.ts";
import { FakeClock } from "../claims/fake-clock.ts";
import { place, Program, temporaryDirectory } from "../support/surroundings.ts";

/** A number that no process of this machine has. */
const gone = 2 ** 22 + 1;

async function repository(): Promise<{
  readonly jit: JitRepository;
  readonly clock: FakeClock;
  readonly ids: readonly string[];
  readonly file: (agent: string) => string;
  readonly directory: string;
}> {
  const directory = temporaryDirectory();
  const clock = new FakeClock();
  const jit = openJit(directory, { clock, branch: "main", worktreeId: "wt:12345678" });
  const ids: string[] = [];
  for (const title of ["a", "b"]) ids.push((await jit.create({ title })).issue.id);
  return { jit, clock, ids, directory, file: (agent) => join(directory, `.jit/heartbeat/${agent}.json`) };
}

const theirs = (agent: string, pid: number): Record<string, unknown> => ({
  agent_id: agent,
  worktree_id: "wt:1",
  branch: "main",
  pid,
  last_beat: "2026-01-02T03:04:05.123456789Z",
  interval_secs: 30,
});

describe("jit's heartbeats", () => {
  it("have jit's own form, byte for byte", async () => {
    const { jit, file } = await repository();
    await jit.heartbeats.beat("agent:copilot-1");
    expect(readFileSync(file("agent-copilot-1"), "utf8")).toBe(`{
  "agent_id": "agent:copilot-1",
  "worktree_id": "wt:12345678",
  "branch": "main",
  "pid": ${process.pid},
  "last_beat": "2026-01-02T03:04:05.000Z",
  "interval_secs": 30
}`);
  });

  it("of agents that differ in capitals alone are one agent's, and end nobody else's list", async () => {
    const { jit, file, directory } = await repository();
    await jit.heartbeats.beat("agent:alpha");
    const another = openJit(directory, { branch: "main", worktreeId: "wt:2" });
    await expect(another.heartbeats.beat("agent:Alpha")).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
    writeFileSync(file("agent-Alpha"), JSON.stringify(theirs("agent:Alpha", gone)));
    writeFileSync(file("agent-beta"), JSON.stringify(theirs("agent:beta", gone)));
    const agents = (await jit.heartbeats.list()).map(({ agent_id: agent }) => agent);
    expect(agents).toEqual(expect.arrayContaining(["agent:alpha", "agent:beta"]));
    const swept = await another.heartbeats.sweep();
    expect(swept.map(({ agent_id: agent }) => agent)).toContain("agent:beta");
  });

  it("last as long as the agent keeps a claim here, and go with the last one", async () => {
    const { jit, ids, file } = await repository();
    const claims = await jit.claims.claimAll(ids, { holder: "agent:a" });
    if ("granted" in claims) throw new Error(claims.message);
    expect(await jit.heartbeats.list()).toMatchObject([
      { agent_id: "agent:a", pid: process.pid, running: true, stale: false },
    ]);
    await claims[0]?.release();
    expect(existsSync(file("agent-a"))).toBe(true);
    await claims[1]?.release();
    expect(existsSync(file("agent-a"))).toBe(false);
    const passing = await jit.claims.claim(ids[0] ?? "", { holder: "agent:b", keep: false });
    expect(passing.granted).toBe(true);
    expect(await jit.heartbeats.list()).toEqual([]);
  });

  it("end with a claim that is lost", async () => {
    const { jit, ids, file } = await repository();
    const claim = await jit.claims.claim(ids[0] ?? "", { holder: "agent:a" });
    if (!claim.granted) throw new Error(claim.message);
    await jit.claims.forceRelease(ids[0] ?? "", { by: "operator", reason: "it hangs" });
    await expect(claim.renew()).rejects.toMatchObject({ code: "ERR_LEASE_LOST" });
    while (existsSync(file("agent-a"))) await new Promise(setImmediate);
    expect(claim.held).toBe(false);
  });

  it("tell a process that is gone or silent from one that works, and pass over what is no heartbeat", async () => {
    const { jit, clock, directory } = await repository();
    await jit.heartbeats.beat("agent:here");
    place(directory, ".jit/heartbeat/agent-dead.json", theirs("agent:dead", gone));
    place(directory, ".jit/heartbeat/agent-half.json", '{ "agent_id": "agent:ha');
    place(directory, ".jit/heartbeat/notes.txt", "x");
    clock.pass(59_000);
    const states = async (): Promise<unknown> =>
      (await jit.heartbeats.list()).map(({ agent_id: agent, running, stale }) => [agent, running, stale]);
    expect(await states()).toEqual([
      ["agent:dead", false, false],
      ["agent:here", true, false],
    ]);
    clock.pass(2_000);
    expect(await states()).toEqual([
      ["agent:dead", false, true],
      ["agent:here", true, true],
    ]);
    expect((await jit.heartbeats.sweep()).map(({ agent_id: agent }) => agent)).toEqual(["agent:dead"]);
    expect((await jit.heartbeats.list()).map(({ agent_id: agent }) => agent)).toEqual(["agent:here"]);
    expect(readFileSync(join(directory, ".jit/heartbeat/agent-half.json"), "utf8")).toMatch(/agent:ha$/);
    await jit.heartbeats.beat("agent:half");
    expect(await jit.heartbeats.list()).toHaveLength(2);
  });

  it("P10: of processes that are gone are removed where they lie, and what is not an agent's own stays", async () => {
    const { jit, file, directory } = await repository();
    await jit.heartbeats.beat("agent:here");
    place(directory, ".jit/heartbeat/of-no-file.json", theirs("agent:a/b", gone));
    place(directory, ".jit/heartbeat/agent-copy.json", theirs("agent:here", gone));
    place(directory, ".jit/heartbeat/agent-odd.json", theirs("agent:odd?", gone));
    place(directory, ".jit/heartbeat/agent-dead.json", theirs("agent:dead", gone));
    expect((await jit.heartbeats.sweep()).map(({ agent_id: agent }) => agent)).toEqual([
      "agent:dead",
      "agent:a/b",
    ]);
    expect(["of-no-file", "agent-dead"].map((name) => existsSync(file(name)))).toEqual([false, false]);
    expect((await jit.heartbeats.list()).map(({ agent_id: agent }) => agent)).toEqual([
      "agent:here",
      "agent:here",
      "agent:odd?",
    ]);
  });

  it("of another process of the same agent are left to it", async () => {
    const { jit, file } = await repository();
    const kept = await jit.heartbeats.keep("agent:a");
    writeFileSync(file("agent-a"), JSON.stringify(theirs("agent:a", process.ppid), null, 2));
    await kept.stop();
    expect(await jit.heartbeats.list()).toMatchObject([{ pid: process.ppid, running: true }]);
  });

  it("that cannot be written end no claim, and a name must be one a file can have", async () => {
    const { jit, ids } = await repository();
    const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
    const claim = await jit.claims.claim(ids[0] ?? "", { holder: "agent:a/b" });
    expect(claim.granted).toBe(true);
    expect(String(await warned)).toContain("agent:a/b");
    for (const agent of ["agent:a/../b", "nobody"])
      await expect(jit.heartbeats.beat(agent)).rejects.toThrow(TypeError);
    await expect(jit.heartbeats.beat("agent:a?")).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
    expect(() => openJit(memoryStore(), { heartbeatMs: 0 })).toThrow(RangeError);
    if (claim.granted) await claim.release();
  });

  it("show that an agent was killed, so that its claim without an end is free again", async () => {
    const directory = temporaryDirectory();
    const jit = openJit(directory, { branch: "main" });
    const { issue } = await jit.create({ title: "a" });
    const agent = new Program("jit-agent.ts", directory, "hold", "k", "0", issue.id);
    await agent.message();
    const [first] = await jit.heartbeats.list();
    expect(first).toMatchObject({ agent_id: "agent:k", pid: agent.child.pid, running: true, stale: false });
    const beat = async (): Promise<unknown> => (await jit.heartbeats.list())[0]?.last_beat;
    while ((await beat()) === first?.last_beat) await new Promise(setImmediate); // it beats on by itself
    expect(await jit.heartbeats.sweep()).toEqual([]);
    await agent.kill();
    for (const { agent_id: holder } of await jit.heartbeats.sweep())
      await jit.claims.releaseHolder(holder, { by: "sweeper", reason: "its process is gone" });
    expect(await jit.heartbeats.list()).toEqual([]);
    expect(await jit.claims.claim(issue.id, { holder: "agent:next", keep: false })).toMatchObject({
      granted: true,
    });
  });
});

it("a repository in memory has claims with heartbeats, too", async () => {
  const jit = openJit(memoryStore(), { branch: "main" });
  const { issue } = await jit.create({ title: "a" });
  const claim = await jit.claims.claim(issue.id, { holder: "agent:a" });
  if (!claim.granted) throw new Error(claim.message);
  expect(await jit.heartbeats.list()).toMatchObject([{ agent_id: "agent:a", running: true }]);
  await jit.update(issue.id, { title: "b" }, { claim });
  await claim.release();
  expect([await jit.heartbeats.list(), await jit.claims.list()]).toEqual([[], []]);
});

it("claims and heartbeats name the worktree as jit's own worktree.json does", async () => {
  const directory = temporaryDirectory();
  const identity = {
    schema_version: 1,
    worktree_id: "wt:0a1b2c3d",
    branch: "main",
    root: "/x",
    created_at: "x",
  };
  place(directory, ".jit/worktree.json", identity);
  const jit = openJit(directory, { branch: "main" });
  expect(await jit.heartbeats.beat("agent:a")).toMatchObject({ worktree_id: "wt:0a1b2c3d" });
  place(directory, ".jit/worktree.json", "[]");
  const other = openJit(directory, { branch: "main" });
  await expect(other.heartbeats.beat("agent:a")).rejects.toMatchObject({ code: "ERR_DOCUMENT_INVALID" });
});
