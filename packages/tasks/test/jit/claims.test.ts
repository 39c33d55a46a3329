import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fileStore } from "@flockwork/core";
import { describe, expect, it } from "vitest";
import { openJit, type JitClaimEntry } from "../../src/jit.ts";
import { claimsContract } from "../claims/claims-contract.ts";
import { FakeClock } from "../claims/fake-clock.ts";
import { temporaryDirectory } from "../support/surroundings.ts";

claimsContract<string>("a jit repository", async (clock) => {
  const jit = openJit(temporaryDirectory(), { clock, branch: "main" });
  const ids: string[] = [];
  for (const title of ["One", "Two", "Three"]) ids.push((await jit.create({ title })).issue.id);
  let count = 0;
  return {
    claims: jit.claims,
    ids: ids as [string, string, string],
    missing: "00000000-0000-4000-8000-000000000000",
    remove: (id, claim) => jit.delete(id, { claim }),
    change: (id, claim) => jit.update(id, { title: `changed ${(count += 1)}` }, { claim }),
  };
});

describe("jit's claims", () => {
  function entries(directory: string): readonly JitClaimEntry[] {
    const text = readFileSync(join(directory, "claims.jsonl"), "utf8");
    return text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as JitClaimEntry);
  }

  it("lie in git's common directory, in jit's own form, with the derived index", async () => {
    const directory = temporaryDirectory();
    execFileSync("git", ["init", "-q", "-b", "trunk", directory]);
    const clock = new FakeClock();
    const jit = openJit(directory, { clock, worktreeId: "wt:12345678" });
    const { issue } = await jit.create({ title: "One" });
    const claim = await jit.claims.claim(issue.id.slice(0, 8), { holder: "agent:a", keep: false });
    if (!claim.granted) throw new Error(claim.message);
    clock.pass(1_000);
    await claim.renew();
    const [acquire, renew] = entries(join(directory, ".git/jit"));
    expect(acquire).toEqual({
      schema_version: 1,
      seq: 1,
      timestamp: "2026-01-02T03:04:05.000Z",
      op: "acquire",
      lease_id: expect.any(String),
      issue_id: issue.id,
      agent_id: "agent:a",
      worktree_id: "wt:12345678",
      branch: "trunk",
      ttl_secs: 600,
      acquired_at: "2026-01-02T03:04:05.000Z",
      expires_at: "2026-01-02T03:14:05.000Z",
      last_beat: "2026-01-02T03:04:05.000Z",
      stale: false,
    });
    expect(renew).toMatchObject({
      op: "renew",
      seq: 2,
      lease_id: acquire?.lease_id,
      new_expires_at: "2026-01-02T03:14:06.000Z",
    });
    expect(JSON.parse(readFileSync(join(directory, ".git/jit/claims.index.json"), "utf8"))).toMatchObject({
      schema_version: 1,
      last_seq: 2,
      stale_threshold_secs: 3600,
      leases: [{ issue_id: issue.id, expires_at: "2026-01-02T03:14:06.000Z" }],
      sequence_gaps: [],
    });
    await jit.claims.forceRelease(issue.id, { by: "operator", reason: "it hangs" });
    expect(entries(join(directory, ".git/jit")).at(-1)).toMatchObject({
      op: "force-evict",
      reason: "it hangs (by operator)",
    });
    expect(existsSync(join(directory, ".jit/claims.jsonl"))).toBe(false);
  });

  it("P7: while an issue is changed without a claim, nobody is granted it", async () => {
    const directory = temporaryDirectory();
    const jit = openJit(directory, { branch: "main" });
    const { issue } = await jit.create({ title: "One" });
    const fixture = fileURLToPath(new URL("../fixtures/jit-claim.ts", import.meta.url));
    let said = "";
    await jit.update(issue.id, () => {
      const program = ["--conditions=@flockwork/source", fixture, directory, issue.id];
      said = execFileSync(process.execPath, program, { encoding: "utf8" }).trim();
      return { title: "Two" };
    });
    expect(said).toBe("ERR_LOCK_TIMEOUT");
    expect((await jit.claims.claim(issue.id, { holder: "agent:other", keep: false })).granted).toBe(true);
    await expect(jit.update(issue.id, { title: "Three" })).rejects.toMatchObject({
      code: "ERR_TASK_CLAIMED",
    });
    expect((await jit.update(issue.id, { title: "Three" }, { force: true })).changed).toBe(true);
  });

  it("a claim without an end lasts, beats, and there are not too many of them", async () => {
    const clock = new FakeClock();
    const directory = temporaryDirectory();
    const jit = openJit(directory, { clock, branch: "main" });
    const ids = await Promise.all(
      ["a", "b", "c"].map(async (title) => (await jit.create({ title })).issue.id),
    );
    const claims = [];
    for (const id of ids)
      claims.push(await jit.claims.claim(id, { holder: "agent:a", leaseMs: Infinity, keep: false }));
    expect(claims.map(({ granted }) => granted)).toEqual([true, true, false]);
    expect(claims[2]).toMatchObject({ reason: "limit" });
    const [first] = claims;
    if (first?.granted !== true) throw new Error("refused");
    expect(first.expiresAt).toBeUndefined();
    clock.pass(365 * 24 * 3_600_000);
    expect(await jit.claims.sweep()).toEqual([]);
    await first.renew();
    expect(entries(join(directory, ".jit")).at(-1)).toMatchObject({ op: "heartbeat" });
  });

  it("P6: end in the very commit that ends their agent, or not at all", async () => {
    const directory = temporaryDirectory();
    const store = fileStore(join(directory, ".jit"));
    const jit = openJit(store, { branch: "main" });
    const ids = await Promise.all(
      ["a", "b", "c"].map(async (title) => (await jit.create({ title })).issue.id),
    );
    for (const [at, id] of ids.entries())
      await jit.claims.claim(id, { holder: at === 2 ? "agent:alive" : "agent:ghost", keep: false });
    const log = readFileSync(join(directory, ".jit/claims.jsonl"), "utf8");
    const effect = jit.releaseOnDeath(({ id }) => `agent:${id}`);
    const agents = store.document<{ ended?: string }>({ name: "agents.json", defaults: () => ({}) });
    const end = (fails: boolean): Promise<unknown> =>
      store.transact({ agents, ...effect.members }, async (tx) => {
        tx.agents.draft.ended = "ghost";
        await effect.run({ id: "ghost" }, tx);
        if (fails) throw new RangeError("another effect fails");
      });
    await expect(end(true)).rejects.toThrow(RangeError);
    expect(readFileSync(join(directory, ".jit/claims.jsonl"), "utf8")).toBe(log);
    expect(await jit.claims.list()).toHaveLength(3);
    await end(false);
    expect(await agents.read()).toEqual({ ended: "ghost" });
    expect((await jit.claims.list()).map(({ holder }) => holder)).toEqual(["agent:alive"]);
    expect(entries(join(directory, ".jit")).at(-1)).toMatchObject({
      op: "force-evict",
      reason: "the agent is dead (by registry)",
    });
  });

  it("what jit wrote itself counts: short ids, doubled lines, damaged lines", async () => {
    const clock = new FakeClock();
    const directory = temporaryDirectory();
    const jit = openJit(directory, { clock, branch: "main" });
    const { issue } = await jit.create({ title: "One" });
    const theirs = {
      schema_version: 1,
      seq: 7,
      timestamp: "2026-01-02T03:00:00Z",
      op: "acquire",
      lease_id: "L",
      issue_id: issue.id.slice(0, 8),
      agent_id: "agent:jit",
      worktree_id: "wt:1",
      branch: null,
      ttl_secs: 600,
      acquired_at: "2026-01-02T03:00:00.123456789Z",
      expires_at: "2026-01-02T03:10:00.123456789Z",
      last_beat: "2026-01-02T03:00:00Z",
      stale: false,
    };
    const line = `${JSON.stringify(theirs)}\n`;
    writeFileSync(join(directory, ".jit/claims.jsonl"), `${line}half a line\n${line}`);
    expect(await jit.claims.claim(issue.id, { holder: "agent:a" })).toMatchObject({
      granted: false,
      heldBy: "agent:jit",
    });
    await expect(jit.update(issue.id, { title: "x" })).rejects.toMatchObject({ code: "ERR_TASK_CLAIMED" });
    clock.pass(600_000);
    const claim = await jit.claims.claim(issue.id, { holder: "agent:a", keep: false });
    expect(claim).toMatchObject({ granted: true, token: "9" }); // 8 says that theirs is over
  });

  it("the claim of an issue that was deleted can be released, and taken away", async () => {
    const jit = openJit(temporaryDirectory(), { branch: "main" });
    const request = { holder: "agent:a", leaseMs: Infinity, keep: false } as const;
    for (const way of ["release", "evict"] as const) {
      const { issue } = await jit.create({ title: way });
      const claim = await jit.claims.claim(issue.id, request);
      if (!claim.granted) throw new Error(claim.message);
      await jit.delete(issue.id, { claim });
      expect(await jit.claims.inspect(issue.id)).toMatchObject({ state: "held" });
      if (way === "release") await jit.claims.release(issue.id, { holder: "agent:a", token: claim.token });
      else await jit.claims.forceRelease(issue.id, { by: "operator", reason: "it is gone" });
      expect(await jit.claims.list()).toEqual([]);
    }
    await expect(jit.claims.inspect("00000000-0000-4000-8000-000000000000")).rejects.toMatchObject({
      code: "ERR_TASK_NOT_FOUND",
    });
  });

  it("P10: lines that make no sense are passed over, whatever they are, and hold nobody up", async () => {
    const clock = new FakeClock();
    const directory = temporaryDirectory();
    const jit = openJit(directory, { clock, branch: "main" });
    const { issue } = await jit.create({ title: "One" });
    const lease = {
      op: "acquire",
      seq: 1e15,
      lease_id: "L",
      issue_id: issue.id,
      agent_id: "agent:jit",
      ttl_secs: 600,
      acquired_at: "2026-01-02T03:00:00Z",
      expires_at: "2026-01-02T03:10:00Z",
      last_beat: "2026-01-02T03:00:00Z",
    };
    const lines = [
      null,
      5,
      [],
      "acquire",
      lease, // the first line, with a number that nobody can count up to
      { ...lease, seq: Number.MAX_SAFE_INTEGER, lease_id: "M" },
      { ...lease, seq: 1e15 + 1, lease_id: "N", expires_at: "some time" },
      { ...lease, seq: 1e15 + 2, lease_id: "O", agent_id: 7 },
      { ...lease, seq: 1e15 + 3, lease_id: "P", ttl_secs: "600" },
      { op: "renew", seq: 1e15 + 4, lease_id: "L", new_expires_at: "never", new_last_beat: 5 },
      { op: "of a later version", seq: 1e15 + 5, lease_id: "L" },
    ];
    const path = join(directory, ".jit/claims.jsonl");
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    expect(await jit.claims.list()).toEqual([
      expect.objectContaining({ holder: "agent:jit", token: "1000000000000000" }),
    ]);
    clock.pass(600_000);
    const claim = await jit.claims.claim(issue.id, { holder: "agent:a", keep: false });
    expect(claim).toMatchObject({ granted: true, token: "1000000000000007" }); // 6 says that theirs is over
  });

  it("P10: a lease without an end may say anything of its last beat, and one that is longer than any date is none", async () => {
    const clock = new FakeClock();
    const directory = temporaryDirectory();
    const jit = openJit(directory, { clock, branch: "main" });
    const ids: string[] = [];
    for (const title of ["a", "b", "c", "d"]) ids.push((await jit.create({ title })).issue.id);
    const acquire = (at: number, rest: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
      op: "acquire",
      seq: at + 1,
      lease_id: `L${at}`,
      issue_id: ids[at],
      agent_id: "agent:jit",
      acquired_at: "2026-01-02T03:00:00Z",
      expires_at: null,
      last_beat: "2026-01-02T03:00:00Z",
      ...rest,
    });
    const beat = { valueOf: 1, toString: 1 };
    const longMs = 200 * 365 * 24 * 3_600_000;
    const lines = [
      acquire(0, { ttl_secs: 0, last_beat: beat }),
      acquire(1, { ttl_secs: 1e300 }),
      acquire(2, { ttl_secs: longMs / 1_000 }),
      acquire(3, { ttl_secs: -1 }),
    ];
    const path = join(directory, ".jit/claims.jsonl");
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const proof = (token: string): { holder: string; token: string } => ({ holder: "agent:jit", token });
    await expect(jit.claims.renew(ids[1] ?? "", proof("2"))).rejects.toMatchObject({
      code: "ERR_LEASE_LOST",
    });
    expect(await jit.claims.renew(ids[2] ?? "", proof("3"))).toMatchObject({
      expiresAt: new Date(clock.now() + longMs / 2).toISOString(), // a hundred years: the longest that there is
    });
    for (const at of [1, 3])
      expect(await jit.claims.claim(ids[at] ?? "", { holder: "agent:a", keep: false })).toMatchObject({
        granted: true,
      });
    expect(JSON.parse(readFileSync(join(directory, ".jit/claims.index.json"), "utf8"))).toMatchObject({
      leases: [{ lease_id: "L0", last_beat: beat, stale: false }, {}, {}, {}],
    });
  });

  it("P10: no claim is granted that nobody could count, because the log has the last number already", async () => {
    const directory = temporaryDirectory();
    const jit = openJit(directory, { branch: "main" });
    const { issue } = await jit.create({ title: "One" });
    const path = join(directory, ".jit/claims.jsonl");
    const last = `{"op":"heartbeat","seq":${Number.MAX_SAFE_INTEGER - 1_000_001},"lease_id":"L"}\n`;
    writeFileSync(path, last);
    await expect(jit.claims.claim(issue.id, { holder: "agent:a", keep: false })).rejects.toMatchObject({
      code: "ERR_TASK_FORMAT",
    });
    expect(readFileSync(path, "utf8")).toBe(last);
  });

  it("a refusal has changed nothing, also where the holder asks anew for a claim that would be one too many", async () => {
    const directory = temporaryDirectory();
    const jit = openJit(directory, { branch: "main" });
    const ids = await Promise.all(
      ["a", "b", "c"].map(async (title) => (await jit.create({ title })).issue.id),
    );
    const request = { holder: "agent:a", keep: false } as const;
    for (const [at, id] of ids.entries())
      await jit.claims.claim(id, { ...request, leaseMs: at === 2 ? 60_000 : Infinity });
    const log = readFileSync(join(directory, ".jit/claims.jsonl"), "utf8");
    const refused = await jit.claims.claim(ids[2] ?? "", { ...request, leaseMs: Infinity, again: true });
    expect(refused).toMatchObject({ granted: false, reason: "limit" });
    expect(readFileSync(join(directory, ".jit/claims.jsonl"), "utf8")).toBe(log);
    const [first = ""] = ids; // in the place of its own
    expect(await jit.claims.claim(first, { ...request, leaseMs: Infinity, again: true })).toMatchObject({
      granted: true,
    });
  });
});
