/** The twelve bugs that exarp's own code has: each shown not to be here. */
import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  getAgentId,
  getAgentIdSimple,
  openTodo2,
  openTodo2State,
  type Todo2Database,
} from "../../src/todo2.ts";
import { FakeClock } from "../claims/fake-clock.ts";
import { place, temporaryDirectory } from "../support/surroundings.ts";

const minute = 60_000;
let directory: string;
let clock: FakeClock;
let todo2: Todo2Database;
let opened: { close(): unknown }[];

beforeEach(async () => {
  directory = temporaryDirectory();
  clock = new FakeClock();
  opened = [];
  todo2 = another();
  await todo2.migrate();
  await todo2.create({ id: "T-1", content: "One" });
  await todo2.create({ id: "T-2", content: "Two" });
});
afterEach(async () => {
  for (const each of opened) await each.close();
});

/** Another connection, as another process has one. */
function another(): Todo2Database {
  const made = openTodo2(directory, { clock });
  opened.push(made);
  return made;
}

/** A plain connection of a neighbour. */
function neighbour(): DatabaseSync {
  const made = new DatabaseSync(join(directory, ".todo2/todo2.db"));
  opened.push(made);
  return made;
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => (error as { code?: unknown }).code,
  );

describe("what is wrong in exarp and is not here", () => {
  it("1: a claim waits for a writer instead of failing when it comes to write", async () => {
    const writer = neighbour();
    writer.exec("BEGIN IMMEDIATE; UPDATE tasks SET name = 'theirs' WHERE id = 'T-2'");
    const claims = Promise.all(
      [another(), another()].map((each, at) => each.claimTaskForAgent(`T-${at + 1}`, `a${at}`)),
    );
    await new Promise(setImmediate);
    writer.exec("COMMIT");
    expect((await claims).map(({ success }) => success)).toEqual([true, true]);
  });

  it("2: every connection keeps foreign keys, not only the first", async () => {
    for (const each of [todo2, another(), another()]) {
      await each.create({ id: "T-9", content: "x", tags: ["a"] });
      await each.comment("T-9", "note", "hello");
      await each.remove("T-9");
      expect(neighbour().prepare("SELECT count(*) AS n FROM task_tags").get()).toEqual({ n: 0 });
      expect(neighbour().prepare("SELECT count(*) AS n FROM task_comments").get()).toEqual({ n: 0 });
    }
  });

  it("3: in the very second in which a lease ends the task is free, and one second before it is not", async () => {
    await todo2.claimTaskForAgent("T-1", "a", minute);
    clock.pass(minute - 1_000);
    expect(await todo2.claimTaskForAgent("T-1", "b", minute)).toMatchObject({
      success: false,
      wasLocked: true,
      lockedBy: "a",
    });
    const { lock_until } = (await todo2.get("T-1")) ?? {};
    clock.pass((lock_until ?? 0) * 1_000 - clock.now());
    expect(await todo2.claimTaskForAgent("T-1", "b", minute)).toMatchObject({ success: true });
  });

  it("4: a claim that succeeds at a later try is a success", async () => {
    const writer = neighbour();
    writer.exec("BEGIN IMMEDIATE");
    const claim = todo2.claimTaskForAgent("T-1", "a");
    await new Promise(setImmediate); // the first try has failed by now
    writer.exec("ROLLBACK");
    expect(await claim).toEqual(expect.objectContaining({ success: true, wasLocked: false }));
    expect((await claim).error).toBeUndefined();
  });

  it("5: whatever a call ends with, no transaction stays open", async () => {
    await todo2.claimTaskForAgent("T-1", "a");
    await Promise.allSettled([
      todo2.claimTaskForAgent("T-1", "b"),
      todo2.claimTaskForAgent("T-77", "b"),
      todo2.update("T-1", { content: "x" }),
      todo2.update("T-1", { status: 7 as never }, { force: true }),
      todo2.create({ id: "../x", content: "x" }),
    ]);
    neighbour().exec("BEGIN EXCLUSIVE; UPDATE tasks SET name = 'free'; COMMIT");
    expect((await todo2.get("T-1"))?.name).toBe("free");
  });

  // The fourth of the integration tests that exarp's document lists: batch claims.
  it("6: a batch that cannot have all has none, and says so", async () => {
    await todo2.claimTaskForAgent("T-2", "b");
    expect(await todo2.batchClaimTasks(["T-1", "T-2"], "a")).toEqual({
      success: false,
      wasLocked: true,
      lockedBy: "b",
      claimed: [],
      failed: "T-2",
      error: expect.stringContaining("already assigned to b"),
    });
    expect((await todo2.get("T-1"))?.assignee).toBeUndefined();
    await todo2.releaseTask("T-2", "b");
    expect((await todo2.batchClaimTasks(["T-1", "T-2"], "a")).claimed).toEqual(["T-1", "T-2"]);
  });

  // The third: optimistic locking.
  it("7: an update at an old version, or of somebody else's task, is refused", async () => {
    const { version } = (await todo2.get("T-1")) ?? { version: 0 };
    await todo2.update("T-1", { content: "first" }, { expectedVersion: version });
    const failure = await another()
      .update("T-1", { content: "second" }, { expectedVersion: version })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "ERR_TASK_CONFLICT", expected: version, actual: version + 1 });
    await todo2.claimTaskForAgent("T-1", "a");
    expect(await codeOf(todo2.update("T-1", { content: "third" }))).toBe("ERR_TASK_CLAIMED");
    expect((await todo2.get("T-1"))?.content).toBe("first");
  });

  it("8: a change of status leaves everything else as it was", async () => {
    const whole = {
      metadata: { keep: [1, { deep: true }] },
      parent_id: "T-2",
      project_id: "p",
      assigned_to: "me",
      tags: ["x"],
      dependencies: ["T-2"],
    };
    await todo2.update("T-1", whole);
    await todo2.update("T-1", { status: "In Progress" });
    await todo2.claimTaskForAgent("T-1", "a");
    await todo2.releaseTask("T-1", "a");
    expect(await todo2.get("T-1")).toMatchObject({ ...whole, status: "In Progress" });
    neighbour().exec(
      "UPDATE tasks SET metadata_protobuf = x'00', metadata_format = 'protobuf' WHERE id = 'T-1'",
    );
    await todo2.update("T-1", { metadata: { now: "json" } });
    expect(
      neighbour()
        .prepare("SELECT metadata, metadata_format f, metadata_protobuf p FROM tasks WHERE id = 'T-1'")
        .get(),
    ).toEqual({
      metadata: '{"now":"json"}',
      f: "json",
      p: null,
    });
  });

  it("9: the claim of a dead agent ends, that of the same pid on another host and a renewed one do not", async () => {
    const gone = `worker-${hostname()}-4194305`;
    const elsewhere = "worker-elsewhere.example-4194305";
    await todo2.claimTaskForAgent("T-1", gone);
    await todo2.claimTaskForAgent("T-2", elsewhere);
    await todo2.create({ id: "T-3", content: "Three" });
    await todo2.claimTaskForAgent("T-3", `of-${hostname()}-elsewhere-4194305`); // a name that holds that of this host
    expect((await todo2.cleanupDeadAgentLocks()).map(({ holder }) => holder)).toEqual([gone]);
    expect((await todo2.get("T-2"))?.assignee).toBe(elsewhere);
    await todo2.remove("T-3", { force: true });
    await todo2.claimTaskForAgent("T-1", `of-${hostname()}-${"0f".repeat(16)}-4194305`);
    expect(await todo2.cleanupDeadAgentLocks()).toHaveLength(1);
    const evicted = { t: "claim_evicted", d: expect.stringContaining("its process has ended") };
    const noted = neighbour().prepare("SELECT activity_type t, details d FROM task_activities").all();
    expect(noted).toEqual([evicted, evicted]);
    clock.pass(29 * minute);
    await todo2.renewLease("T-2", elsewhere);
    clock.pass(29 * minute);
    expect(await todo2.cleanupDeadAgentLocks(0)).toEqual([]);
  });

  it("10: a claim that is renewed is never swept, however old it is", async () => {
    await todo2.claimTaskForAgent("T-1", "a", minute);
    for (let at = 0; at < 100; at += 1) {
      clock.pass(minute / 2);
      await todo2.renewLease("T-1", "a", minute);
      expect(await todo2.cleanupExpiredLocks()).toBe(0);
    }
    expect((await todo2.detectStaleLocks()).stale).toBe(0);
  });

  it("11: a lease lasts for the time that was asked for, in milliseconds, and 30 minutes where none was", async () => {
    const now = Math.floor(clock.now() / 1_000);
    await todo2.claimTaskForAgent("T-1", "a");
    await todo2.claimTaskForAgent("T-2", "a", 1_500);
    expect((await todo2.get("T-1"))?.lock_until).toBe(now + 1_800);
    expect((await todo2.get("T-2"))?.lock_until).toBe(now + 2); // never before the holder thinks that it is over
    await expect(todo2.claimTaskForAgent("T-1", "b", 0)).rejects.toThrow(RangeError);
  });

  it("12: handoffs are added under a lock, whole, by as many as want; damaged ones are not replaced", async () => {
    const leave = (at: number): Promise<unknown> =>
      (at % 2 === 0 ? todo2 : openTodo2State(directory)).handoffs.add({ summary: `${at}`, next_steps: [at] });
    const path = place(directory, ".todo2/handoffs.json", { handoffs: [{ id: "handoff-1", mine: 1.5 }] });
    await Promise.all(Array.from({ length: 19 }, (_, at) => leave(at)));
    const all = await todo2.handoffs.list();
    expect(new Set(all.map(({ id }) => id)).size).toBe(20);
    expect(all[0]).toEqual({ id: "handoff-1", mine: 1.5 });
    await leave(19);
    expect((await todo2.handoffs.list()).map(({ id }) => id)).not.toContain("handoff-1"); // exarp keeps twenty
    const [first, second] = await todo2.handoffs.list();
    const ids = [first?.id ?? "", second?.id ?? "", "gone"];
    expect(await todo2.handoffs.setStatus(ids, "closed")).toBe(2);
    expect((await todo2.handoffs.list())[1]).toEqual({ ...second, status: "closed" });
    expect(await todo2.handoffs.remove(ids)).toBe(2);
    expect(await todo2.handoffs.list()).toHaveLength(18);
    writeFileSync(path, '{ "handoffs": [');
    expect(await codeOf(leave(20))).toBe("ERR_DOCUMENT_CORRUPT");
    expect(readFileSync(path, "utf8")).toBe('{ "handoffs": [');
  });

  it("12: the state file is changed under its lock, whole, by as many as want", async () => {
    const state = openTodo2State(directory, { clock });
    await state.create({ id: "T-1", content: "One" });
    await Promise.all(
      Array.from({ length: 50 }, (_, at) => openTodo2State(directory).create({ content: `${at}` })),
    );
    expect(await state.list()).toHaveLength(51);
    const text = readFileSync(join(directory, ".todo2/state.todo2.json"), "utf8");
    expect(new Set((JSON.parse(text) as { todos: { id: string }[] }).todos.map(({ id }) => id)).size).toBe(
      51,
    );
  });
});

describe("exarp's calls", () => {
  it("renew and release are the assignee's, and each write counts the version", async () => {
    const { task, claim } = await todo2.claimTaskForAgent("T-1", "a", minute);
    expect(task).toMatchObject({ status: "In Progress", assignee: "a", version: 2 });
    expect(claim?.token).toBe("2");
    await todo2.renewLease("T-1", "a", minute);
    expect((await todo2.get("T-1"))?.version).toBe(3);
    expect(await codeOf(todo2.renewLease("T-1", "b"))).toBe("ERR_TASK_CLAIMED");
    expect(await codeOf(todo2.releaseTask("T-1", "b"))).toBe("ERR_TASK_CLAIMED");
    await todo2.releaseTask("T-1", "a");
    expect(await todo2.get("T-1")).toMatchObject({ version: 4, status: "In Progress" });
    expect(await codeOf(todo2.releaseTask("T-1", "a"))).toBe("ERR_LEASE_LOST");
    expect(await codeOf(todo2.releaseTask("T-9", "a"))).toBe("ERR_TASK_NOT_FOUND");
  });

  it("a claim that exarp itself made is seen, respected, and ended by its agent", async () => {
    const now = Math.floor(clock.now() / 1_000);
    const exarp = neighbour();
    exarp
      .prepare(
        "UPDATE tasks SET assignee='go', assigned_at=?, lock_until=?, status='In Progress', version=version+1 WHERE id='T-1'",
      )
      .run(now, now + 60);
    expect(await todo2.claimTaskForAgent("T-1", "a")).toMatchObject({ success: false, lockedBy: "go" });
    expect(await todo2.claims.inspect("T-1")).toMatchObject({ holder: "go", token: "0", state: "held" });
    await todo2.renewLease("T-1", "go", 2 * minute);
    await todo2.releaseTask("T-1", "go");
    // A claim of ours that exarp took over since: our token is stale.
    const { claim } = await todo2.claimTaskForAgent("T-1", "a");
    clock.pass(60 * minute);
    exarp
      .prepare("UPDATE tasks SET assignee='a', assigned_at=?, lock_until=?, version=version+1 WHERE id='T-1'")
      .run(now + 3_600, now + 9_999);
    expect(await codeOf(todo2.update("T-1", { content: "late" }, { claim }))).toBe("ERR_STALE_FENCING_TOKEN");
  });

  it("a task that is removed and made again gives out higher tokens", async () => {
    const { claim } = await todo2.claimTaskForAgent("T-1", "a");
    await todo2.remove("T-1", { claim });
    await todo2.create({ id: "T-1", content: "again" });
    const again = await todo2.claimTaskForAgent("T-1", "a");
    expect(Number(again.claim?.token)).toBeGreaterThan(Number(claim?.token));
    expect(await codeOf(todo2.update("T-1", { content: "late" }, { claim }))).toBe("ERR_STALE_FENCING_TOKEN");
  });

  // What exarp's document calls TestFileLock, with the rest of its calls.
  it("shows what is near its end, over, and stale, as exarp's lock status does", async () => {
    await todo2.claimTaskForAgent("T-1", "a", 4 * minute);
    await todo2.claimTaskForAgent("T-2", "b", 60 * minute);
    expect(await todo2.detectStaleLocks()).toMatchObject({ total: 2, expired: 0, near_expiry: 1, stale: 0 });
    clock.pass(10 * minute);
    const { task_locks, git_lock } = await todo2.lockStatus();
    expect(task_locks).toMatchObject({ total: 2, expired: 1, near_expiry: 0, stale: 1 });
    expect(task_locks.locks[0]).toMatchObject({
      task_id: "T-1",
      assignee: "a",
      is_expired: true,
      is_stale: true,
      time_expired: 360,
    });
    expect(git_lock).toEqual({ path: join(directory, ".todo2/.git-sync.lock"), exists: false, held: false });
    const inside = await todo2.withGitLock(async () => (await todo2.lockStatus()).git_lock.held);
    expect(inside).toBe(true);
    expect(await todo2.withTaskLock("T-1", () => 7)).toBe(7);
    await expect(todo2.withTaskLock("../T-1", () => 7)).rejects.toThrow(TypeError);
  });

  it("runLeaseRenewal renews until it is told to stop, and stops when the claim is lost", async () => {
    await todo2.claimTaskForAgent("T-1", "a", minute);
    const controller = new AbortController();
    const renewal = todo2.runLeaseRenewal("T-1", "a", {
      signal: controller.signal,
      leaseMs: minute,
      intervalMs: 1,
    });
    while (((await todo2.get("T-1"))?.version ?? 0) < 6) await new Promise(setImmediate);
    controller.abort();
    await renewal;
    const lost = todo2.runLeaseRenewal("T-1", "a", {
      signal: new AbortController().signal,
      leaseMs: minute,
      intervalMs: 1,
    });
    await todo2.claims.forceRelease("T-1", { by: "operator", reason: "test" });
    await expect(lost).rejects.toMatchObject({
      code: expect.stringMatching(/ERR_LEASE_LOST|ERR_STALE|ERR_TASK_CLAIMED/),
    });
  });

  it("runLeaseRenewal of a claim without an end, or of a long one, waits as long as a timer can", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on("warning", note);
    const controller = new AbortController();
    await todo2.claimTaskForAgent("T-1", "a", Infinity);
    const { signal } = controller;
    const renewal = todo2.runLeaseRenewal("T-1", "a", { signal, leaseMs: Infinity });
    while (((await todo2.get("T-1"))?.version ?? 0) < 3) await new Promise(setImmediate);
    for (let at = 0; at < 10; at += 1) await new Promise(setImmediate);
    controller.abort();
    await renewal;
    process.off("warning", note);
    expect(warnings).toEqual([]); // a timer that overflows fires at once, and says so
    for (const intervalMs of [0, Number.NaN])
      await expect(
        todo2.runLeaseRenewal("T-1", "a", { signal: new AbortController().signal, intervalMs }),
      ).rejects.toThrow(RangeError);
  });

  it("agent ids are exarp's, and on request nobody can guess them", () => {
    expect(getAgentIdSimple({ name: "x" })).toBe(`x-${hostname()}`);
    expect(getAgentId({ name: "x" })).toBe(`x-${hostname()}-${process.pid}`);
    const secret = getAgentId({ name: "x", unpredictable: true });
    expect(secret).toMatch(
      new RegExp(`^x-${hostname().replaceAll(".", "\\.")}-[0-9a-f]{32}-${process.pid}$`),
    );
    expect(getAgentId({ unpredictable: true })).not.toBe(getAgentId({ unpredictable: true }));
  });
});
