/** Claims of tasks of which others made something that no claim can be counted from. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { openTodo2, openTodo2State, type Todo2Database, type Todo2StateFile } from "../../src/todo2.ts";
import { FakeClock } from "../claims/fake-clock.ts";
import { place, temporaryDirectory } from "../support/surroundings.ts";

const evil = { valueOf: 1, toString: 1 };
const refused = { code: "ERR_TASK_FORMAT" };
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

describe("the state file", () => {
  function holding(...todos: readonly Readonly<Record<string, unknown>>[]): {
    todo2: Todo2StateFile;
    text: () => string;
  } {
    const directory = temporaryDirectory();
    const path = place(directory, ".todo2/state.todo2.json", { todos });
    const todo2 = openTodo2State(directory, { clock: new FakeClock() });
    opened.push(todo2);
    return { todo2, text: () => readFileSync(path, "utf8") };
  }

  const uncountable = [-1, 1.5, -3, 1e300, "7", null, evil, [7]];

  it("a task whose version or token is no whole number is claimed, renewed and released all the same", async () => {
    for (const field of ["version", "claim_token"])
      for (const value of uncountable) {
        const { todo2 } = holding({ id: "T-1", content: "x", [field]: value });
        const { success, claim, task } = await todo2.claimTaskForAgent("T-1", "a", 60_000);
        expect({ success, version: task?.version }, `${field} ${JSON.stringify(value)}`).toEqual({
          success: true,
          version: 2,
        });
        const proof = claim ?? { holder: "", token: "" };
        expect(await todo2.claims.renew("T-1", proof)).toMatchObject({ token: proof.token, state: "held" });
        await todo2.claims.release("T-1", proof);
      }
  });

  it("a task whose version or token no number follows is not claimed, and the file stays as it is", async () => {
    for (const field of ["version", "claim_token"]) {
      const { todo2, text } = holding({ id: "T-1", content: "x", [field]: Number.MAX_SAFE_INTEGER });
      const before = text();
      await expect(todo2.claimTaskForAgent("T-1", "a")).rejects.toMatchObject(refused);
      expect(text()).toBe(before);
    }
  });

  it("a claim whose duration is none is renewed without an end", async () => {
    for (const claim_lease_ms of [-1e16, 0, 1e300, "60000", evil, [1]]) {
      const claimed = { assignee: "a", lock_until: 9_999_999_999, claim_token: 7, status: "In Progress" };
      const { todo2 } = holding({ id: "T-1", content: "x", ...claimed, claim_lease_ms });
      const record = await todo2.claims.renew("T-1", { holder: "a", token: "7" });
      expect(record, JSON.stringify(claim_lease_ms)).toMatchObject({ state: "held", expiresAt: undefined });
      expect((await todo2.get("T-1"))?.lock_until).toBe(Number.MAX_SAFE_INTEGER);
    }
  });
});

describe("the database", () => {
  let directory: string;

  async function withTasks(): Promise<Todo2Database> {
    directory = temporaryDirectory();
    const todo2 = openTodo2(directory, { clock: new FakeClock() });
    opened.push(todo2);
    await todo2.migrate();
    for (const id of ["T-1", "T-2"]) await todo2.create({ id, content: id });
    return todo2;
  }

  /** Runs SQL as a neighbour does, and shows all rows that claims go by. */
  function neighbour(sql = ""): unknown {
    const database = new DatabaseSync(join(directory, ".todo2/todo2.db"));
    try {
      database.exec(sql);
      return [
        database.prepare("SELECT * FROM tasks").all(),
        database.prepare("SELECT * FROM flockwork_claims").all(),
      ];
    } finally {
      database.close();
    }
  }

  /** Expects a refusal after which all rows are as they were. */
  async function refuses(work: () => Promise<unknown>, what: string): Promise<void> {
    const before = neighbour();
    const outcome = await work().catch((error: unknown) => error);
    expect(outcome, what).toMatchObject(refused);
    expect(neighbour(), what).toEqual(before);
  }

  const uncountable = ["-5", "1.5", "'abc'", "x'07'", "9007199254740991"];

  it("a task whose version is no whole number is shown, commented and evicted, and not changed otherwise", async () => {
    const evictor = { by: "operator", reason: "test" };
    for (const version of uncountable) {
      const todo2 = await withTasks();
      const { claim = { holder: "", token: "" } } = await todo2.claimTaskForAgent("T-1", "a");
      neighbour(`UPDATE tasks SET version = ${version}`);
      await refuses(() => todo2.claimTaskForAgent("T-2", "a"), `claim ${version}`);
      await refuses(() => todo2.claims.claimAll(["T-2"], { holder: "a" }), `claim all ${version}`);
      await refuses(() => todo2.claims.renew("T-1", claim), `renew ${version}`);
      await refuses(() => todo2.claims.release("T-1", claim), `release ${version}`);
      await refuses(() => todo2.claims.release("T-1", { holder: "b", token: "1" }), `theirs ${version}`);
      await refuses(() => todo2.update("T-1", { content: "new" }, { claim }), `update ${version}`);
      await refuses(() => todo2.remove("T-2"), `remove ${version}`);
      const shown = (await todo2.list()).map(({ version: each }) => each);
      await todo2.comment("T-1", "note", "hello");
      expect(await todo2.claims.forceRelease("T-1", evictor)).toMatchObject({ holder: "a" });
      expect((await todo2.list()).map(({ version: each }) => each)).toEqual(shown);
      expect(await todo2.claims.list({ expired: true })).toEqual([]);
    }
  });

  it("a claim of exarp's on a task whose version is odd is judged by a typed error", async () => {
    const todo2 = await withTasks();
    neighbour("UPDATE tasks SET version = 1.5, assignee = 'go', assigned_at = 1, lock_until = 9999999999");
    await refuses(() => todo2.claims.release("T-1", { holder: "a", token: "7" }), "release");
    await refuses(
      () => todo2.update("T-1", { content: "new" }, { claim: { holder: "a", token: "7" } }),
      "update",
    );
  });

  it("a token that is none proves nothing, and keeps no claim from being seen, swept or made anew", async () => {
    for (const token of ["-5", "1.5", "'abc'", "x'07'"]) {
      const todo2 = await withTasks();
      const { claim = { holder: "", token: "" } } = await todo2.claimTaskForAgent("T-1", "a");
      neighbour(`UPDATE flockwork_claims SET token = ${token}`);
      await refuses(() => todo2.claims.renew("T-1", claim), `renew ${token}`);
      await refuses(() => todo2.claims.release("T-1", claim), `release ${token}`);
      await refuses(() => todo2.update("T-1", { content: "new" }, { claim }), `update ${token}`);
      expect(await todo2.claims.list()).toMatchObject([{ taskId: "T-1", holder: "a", token: "0" }]);
      await todo2.releaseTask("T-1", "a");
      expect(await todo2.claimTaskForAgent("T-1", "b")).toMatchObject({ success: true });
      await todo2.remove("T-1", { force: true });
      neighbour(`UPDATE flockwork_claims SET token = ${token}`);
      await refuses(() => todo2.create({ id: "T-1", content: "again" }), `create ${token}`);
    }
  });

  it("a claim whose duration is none is renewed by who says one, and not otherwise", async () => {
    for (const leaseMs of ["-1e17", "0", "'abc'", "1e300", "9e999", "x'07'"]) {
      const todo2 = await withTasks();
      const { claim = { holder: "", token: "" } } = await todo2.claimTaskForAgent("T-1", "a");
      neighbour(`UPDATE flockwork_claims SET lease_ms = ${leaseMs}`);
      await refuses(() => todo2.claims.renew("T-1", claim), `renew ${leaseMs}`);
      expect(await todo2.claims.renew("T-1", claim, { leaseMs: 60_000 })).toMatchObject({ state: "held" });
      await todo2.claims.release("T-1", claim);
    }
  });

  it("a task without an id keeps no other from being swept", async () => {
    const todo2 = await withTasks();
    neighbour("UPDATE tasks SET assignee = 'a', assigned_at = 1, lock_until = 2");
    neighbour("INSERT INTO tasks (id, created, assignee, lock_until) VALUES (NULL, '', 'a', 2)");
    expect(await todo2.cleanupExpiredLocks()).toBe(2);
  });
});
