import { readFileSync } from "node:fs";
import { fileStore } from "@flockwork/core";
import { describe, expect, it } from "vitest";
import { openTasks } from "../../src/index.ts";
import { claimsContract } from "../claims/claims-contract.ts";
import { FakeClock } from "../claims/fake-clock.ts";
import { place, temporaryDirectory } from "../support/surroundings.ts";

claimsContract<number | string>("FlowForge's tasks", async (clock) => {
  const directory = temporaryDirectory();
  place(directory, ".flowforge/tasks.json", { tasks: [{ id: 1 }, { id: 2 }, { id: 3 }] });
  const tasks = openTasks(directory, { clock });
  let count = 0;
  return {
    claims: tasks.claims,
    ids: [1, 2, 3],
    missing: 4,
    remove: (id, claim) => tasks.remove(id, { claim }),
    change: (id, claim) => tasks.update(id, { title: `changed ${(count += 1)}` }, { claim }),
  };
});

const at = "2026-01-01T00:00:00.000Z";
/** A claim as a program could have left it. */
const left = {
  holder: "old",
  token: "5",
  acquiredAt: at,
  renewedAt: at,
  expiresAt: at,
  leaseMs: 1,
  graceMs: 0,
};

describe("a claimed task of FlowForge", () => {
  it("P7: is nobody's where no token is above the last one, and does not keep others from being claimed", async () => {
    const directory = temporaryDirectory();
    const claim = { ...left, token: "9".repeat(38), releasedAt: at };
    const path = place(directory, ".flowforge/tasks.json", {
      tasks: [
        { id: 1, status: "pending", claim },
        { id: 2, status: "pending" },
      ],
    });
    const before = readFileSync(path, "utf8");
    for (const holder of ["a", "b"])
      await expect(openTasks(directory).claims.claim(1, { holder, keep: false })).rejects.toMatchObject({
        code: "ERR_UNSUPPORTED",
        message: expect.stringContaining("task 1"),
      });
    expect(readFileSync(path, "utf8")).toBe(before);
    const { claims } = openTasks(directory);
    expect((await claims.claimNext({ holder: "a", keep: false }))?.taskId).toBe(2);
    expect(await claims.claimNext({ holder: "b", keep: false })).toBeUndefined();
  });

  it("is renewed by its holder, and by nobody else taken, where the file says that it lasts for ever", async () => {
    const directory = temporaryDirectory();
    const claim = { ...left, expiresAt: "2100-01-01T00:00:00.000Z", leaseMs: 1e300 };
    place(directory, ".flowforge/tasks.json", { tasks: [{ id: 1, status: "in_progress", claim }] });
    const { claims } = openTasks(directory);
    await claims.renew(1, { holder: "old", token: "5" });
    expect(await claims.claim(1, { holder: "b" })).toMatchObject({ granted: false, reason: "claimed" });
  });

  it("is assigned and in progress; released it is nobody's; evicted it is pending again, and the file says by whom", async () => {
    const directory = temporaryDirectory();
    const path = place(directory, ".flowforge/tasks.json", {
      tasks: [
        { id: 1, status: "pending" },
        { id: 2, status: "completed" },
      ],
    });
    const tasks = openTasks(directory);
    const claim = await tasks.claims.claim(1, { holder: "me" });
    if (!claim.granted) throw new Error(claim.message);
    expect(await tasks.get(1)).toMatchObject({ status: "in_progress", assignee: "me" });
    await claim.release();
    expect(await tasks.get(1)).toMatchObject({ status: "in_progress" });
    expect((await tasks.get(1))?.assignee).toBeUndefined();
    await tasks.claims.claim(1, { holder: "you", keep: false });
    await tasks.claims.forceRelease(1, { by: "operator", reason: "it hangs" });
    expect(await tasks.get(1)).toMatchObject({ status: "pending" });
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({
      tasks: [{ claim: { holder: "you", evictedBy: "operator", evictionReason: "it hangs" } }, {}],
    });
    expect(await tasks.claims.claim(2, { holder: "me" })).toMatchObject({ granted: false, reason: "state" });
  });

  it("claimNext takes the most urgent that is ready, what expired included, and no two the same", async () => {
    const clock = new FakeClock();
    const directory = temporaryDirectory();
    place(directory, ".flowforge/tasks.json", {
      tasks: [
        { id: 1, status: "pending", priority: "low" },
        { id: 2, status: "pending", priority: "critical", dependencies: [1] },
        { id: 3, status: "pending", priority: "high" },
      ],
    });
    const tasks = openTasks(directory, { clock });
    const [a, b, c] = await Promise.all(
      ["a", "b", "c"].map((holder) => tasks.claims.claimNext({ holder, leaseMs: 1_000, keep: false })),
    );
    expect([a?.taskId, b?.taskId, c]).toEqual([3, 1, undefined]);
    clock.pass(2_000);
    expect((await tasks.claims.claimNext({ holder: "d", leaseMs: 1_000, keep: false }))?.taskId).toBe(3);
  });

  it("P5: is claimed and changed in one commit with other data, or not at all", async () => {
    const directory = temporaryDirectory();
    place(directory, ".flowforge/tasks.json", { tasks: [{ id: 1 }, { id: 2, dependencies: [1] }] });
    const store = fileStore(directory);
    const tasks = openTasks(store);
    const log = store.log<{ readonly token: string }>({ name: "jobs.jsonl" });
    const take = (id: number, fail: boolean): Promise<unknown> =>
      store.transact({ tasks: tasks.document, log }, (tx) => {
        const drafted = tasks.edit(tx.tasks);
        const claim = drafted.claim(id, { holder: "me" });
        if (!claim.granted) return claim.message;
        drafted.update(id, { title: "begun" }, { claim });
        tx.log.append({ token: claim.token });
        if (fail) throw new Error("in the middle");
        return claim.token;
      });
    await expect(take(1, true)).rejects.toThrow("in the middle");
    expect(await tasks.claims.inspect(1)).toBeUndefined();
    expect(await log.read()).toEqual([]);
    await take(1, false);
    const held = await tasks.claims.inspect(1);
    expect(held).toMatchObject({ holder: "me", state: "held" });
    expect(await log.read()).toEqual([{ token: held?.token }]);
    expect(await take(1, false)).toMatchObject({ value: expect.stringContaining("already assigned to me") });
    const others = tasks.releaseOnDeath(({ id }) => `${id}!`);
    expect(others.name).toBe("tasks: release claims");
    await store.transact(others.members, (drafts) => others.run({ id: "me" }, drafts));
    expect((await tasks.claims.inspect(1))?.state).toBe("held");
    const effect = tasks.releaseOnDeath();
    await store.transact(effect.members, (drafts) => effect.run({ id: "me" }, drafts));
    expect((await tasks.claims.inspect(1))?.state).toBe("released");
    await store.close();
  });

  it("survives a script that writes back what it read before the claim", async () => {
    const directory = temporaryDirectory();
    place(directory, ".flowforge/tasks.json", { tasks: [{ id: 1, title: "x" }] });
    const tasks = openTasks(directory);
    const first = await tasks.claims.claim(1, { holder: "a", keep: false });
    const old = JSON.parse(JSON.stringify(await tasks.get(1))) as { id: number };
    if (first.granted) await first.release();
    const claim = await tasks.claims.claim(1, { holder: "b", keep: false });
    if (!claim.granted) throw new Error(claim.message);
    await tasks.updateTaskFile({ ...old, title: "y" });
    await tasks.update(1, { title: "z" }, { claim });
    expect(await tasks.claims.inspect(1)).toMatchObject({ holder: "b", state: "held" });
  });

  it("is renewed in the background by the process that holds it", async () => {
    const directory = temporaryDirectory();
    place(directory, ".flowforge/tasks.json", { tasks: [{ id: 1 }] });
    const tasks = openTasks(directory);
    const claim = await tasks.claims.claim(1, { holder: "me", leaseMs: 6_000 });
    if (!claim.granted) throw new Error(claim.message);
    const end = Date.parse(claim.expiresAt ?? "");
    for await (const { value } of tasks.watch()) {
      if (Date.parse(value.tasks[0]?.claim?.expiresAt ?? "") > end) break;
    }
    claim.assertHeld();
    await claim.release();
  });
});
