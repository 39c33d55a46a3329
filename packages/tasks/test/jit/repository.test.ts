import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { acquireLock } from "@flockwork/core";
import { describe, expect, it, vi } from "vitest";
import { openJit, type JitEvent, type JitFields, type JitRepository } from "../../src/jit.ts";
import { checkEvent } from "../../src/jit/check-fields.ts";
import { namesBelow, place, temporaryDirectory } from "../support/surroundings.ts";

function repository(): {
  readonly jit: JitRepository;
  readonly directory: string;
  readonly json: (name: string) => unknown;
} {
  const directory = temporaryDirectory();
  const jit = openJit(directory, { agent: "agent:test", branch: "main" });
  return {
    jit,
    directory,
    json: (name) => JSON.parse(readFileSync(join(directory, ".jit", name), "utf8")) as unknown,
  };
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => (error as { code?: unknown }).code,
  );

describe("a jit repository", () => {
  it("creates, reads, changes and deletes issues in jit's own files, and tells of it in events", async () => {
    const { jit, directory, json } = repository();
    expect(await jit.list()).toEqual([]);
    const { issue } = await jit.create({ title: "One", priority: "high", labels: ["type:task"] });
    expect(json(`issues/${issue.id}.json`)).toEqual(issue);
    expect(readFileSync(join(directory, `.jit/issues/${issue.id}.json`), "utf8")).toMatch(/^\{\n {2}"id"/);
    expect(json("index.json")).toEqual({ schema_version: 2, all_ids: [issue.id], deleted_ids: [] });
    await jit.gates.define("review", {});
    for (const name of [`issues/${issue.id}.json`, "index.json", "gates.json"])
      expect(readFileSync(join(directory, ".jit", name), "utf8"), name).toMatch(/\}$(?!\n)/); // as jit ends its own
    const short = issue.id.slice(0, 8);
    await jit.update(short, { state: "in_progress", assignee: "agent:test" });
    expect(await jit.get(short)).toMatchObject({ state: "in_progress", assignee: "agent:test" });
    expect((await jit.update(short, { state: "in_progress" })).changed).toBe(false);
    const { issue: done } = await jit.complete(short);
    expect(done.state).toBe("done");
    await jit.delete(short);
    expect(json("index.json")).toEqual({ schema_version: 2, all_ids: [], deleted_ids: [issue.id] });
    expect(existsSync(join(directory, `.jit/issues/${issue.id}.json`))).toBe(false);
    expect(existsSync(join(directory, `.jit/issues/${issue.id}.lock`))).toBe(true); // somebody may wait on it
    expect(await jit.get(issue.id)).toBeUndefined();
    const events = await jit.events(issue.id);
    expect(events.map(({ type }) => type)).toEqual([
      "issue_created",
      "issue_state_changed",
      "issue_updated",
      "issue_state_changed",
      "issue_completed",
      "issue_deleted",
    ]);
    expect(events[1]).toMatchObject({ from: "backlog", to: "in_progress" });
    expect(namesBelow(directory)).toEqual([".jit/events.jsonl", ".jit/gates.json", ".jit/index.json"]);
  });

  it("keeps fields it does not know, and changes only the lines of what changes", async () => {
    const { jit, directory } = repository();
    const id = "11111111-1111-4111-8111-111111111111";
    place(directory, ".jit/index.json", { schema_version: 2, all_ids: [id], deleted_ids: [] });
    const text = `{\n  "id": "${id}",\n  "title": "x",\n  "description": "",\n  "state": "ready",\n  "priority": "normal",\n  "assignee": null,\n  "dependencies": [],\n  "gates_required": [],\n  "gates_status": {},\n  "context": {},\n  "documents": [],\n  "labels": [],\n  "future": {"n": 1.50},\n  "created_at": "2025-12-21T22:57:12.516836772Z",\n  "updated_at": "2025-12-21T22:57:12.516836772Z"\n}`;
    const path = place(directory, `.jit/issues/${id}.json`, text);
    await jit.update(id, { title: "x" });
    expect(readFileSync(path, "utf8")).toBe(text);
    await jit.update(id, { title: "y" });
    const after = readFileSync(path, "utf8").split("\n");
    const before = text.split("\n");
    expect(after.filter((line, at) => line !== before[at]).map((line) => line.trim().split('"')[1])).toEqual([
      "title",
      "updated_at",
    ]);
  });

  it("refuses what jit could not read, short ids that are not one issue's, and issues that are not there", async () => {
    const { jit, directory } = repository();
    const ids = ["aaaa1111-1111-4111-8111-111111111111", "aaaa2222-1111-4111-8111-111111111111"];
    place(directory, ".jit/index.json", { schema_version: 2, all_ids: ids, deleted_ids: [] });
    place(directory, `.jit/issues/${ids[0]}.json`, "# not JSON");
    expect(await codeOf(jit.get("aaaa"))).toBe("ERR_TASK_FORMAT");
    expect(await codeOf(jit.get("aaaa1"))).toBe("ERR_DOCUMENT_CORRUPT");
    expect(await jit.get("aaaa2")).toBeUndefined();
    expect(await codeOf(jit.update("bbbb", { title: "x" }))).toBe("ERR_TASK_NOT_FOUND");
    expect(readFileSync(join(directory, `.jit/issues/${ids[0]}.json`), "utf8")).toBe("# not JSON");
    place(directory, ".jit/index.json", "[]");
    expect(await codeOf(jit.list())).toBe("ERR_DOCUMENT_INVALID");
    expect(await codeOf(jit.create({ title: "x" }))).toBe("ERR_DOCUMENT_INVALID");
  });

  it("keeps dependencies free of cycles, and moves no issue that waits for another", async () => {
    const { jit } = repository();
    const [a, b, c] = await Promise.all(
      ["a", "b", "c"].map(async (title) => (await jit.create({ title })).issue.id),
    );
    await jit.addDependency(a ?? "", b ?? "");
    await jit.addDependency(b ?? "", c ?? "");
    const failure = await jit.addDependency(c ?? "", a ?? "").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "ERR_DEPENDENCY_CYCLE", cycle: [c, a, b, c] });
    expect(await codeOf(jit.update(c ?? "", { dependencies: [a ?? ""] }))).toBe("ERR_DEPENDENCY_CYCLE");
    expect(await codeOf(jit.setState(a ?? "", "in_progress"))).toBe("ERR_TASK_TRANSITION");
    expect((await jit.ready()).map(({ id }) => id)).toEqual([c]);
    await jit.setState(c ?? "", "done");
    expect((await jit.ready()).map(({ id }) => id)).toEqual([b]);
    await jit.delete(c ?? "");
    expect((await jit.get(b ?? ""))?.dependencies).toEqual([]);
    await jit.removeDependency(a ?? "", b ?? "");
    expect((await jit.get(a ?? ""))?.dependencies).toEqual([]);
  });

  it("orders issues and gates of which another program has written anything for a priority", async () => {
    const { jit, directory } = repository();
    const strange = [{ toString: 1, valueOf: 1 }, "constructor", null, 7, ["high"]];
    const ids: string[] = [];
    for (const [at, priority] of strange.entries()) {
      const { issue } = await jit.create({ title: `${at}` });
      ids.push(issue.id);
      place(directory, `.jit/issues/${issue.id}.json`, { ...issue, priority });
    }
    const { issue: low } = await jit.create({ title: "low", priority: "low" });
    const { issue: high } = await jit.create({ title: "high", priority: "high" });
    expect((await jit.ready()).map(({ id }) => id)).toEqual([high.id, ...ids, low.id]);

    const checker = { type: "exec", command: "true", timeout_seconds: 30 };
    const priorities = { last: 101, ...Object.fromEntries(strange.entries()), first: -1 };
    const gates = Object.entries(priorities).map(([key, priority]) => [
      key,
      { version: 1, key, title: key, description: "", stage: "postcheck", mode: "auto", checker, priority },
    ]);
    place(directory, ".jit/gates.json", { gates: Object.fromEntries(gates) as unknown });
    const keys = ["last", "0", "1", "2", "4", "3", "first"];
    for (const key of keys) await jit.gates.require(low.id, key);
    const checked = await jit.gates.checkAll(low.id);
    expect(checked.map(({ run }) => run.gate_key)).toEqual(["first", "3", "0", "1", "2", "4", "last"]);
  });

  it("P1: of two edges added at once that would close a cycle, one is refused", async () => {
    const { jit, directory } = repository();
    const { issue: a } = await jit.create({ title: "a" });
    const { issue: b } = await jit.create({ title: "b" });
    const other = openJit(directory, { branch: "main" });
    const outcomes = await Promise.all([
      codeOf(jit.addDependency(a.id, b.id)),
      codeOf(other.addDependency(b.id, a.id)),
    ]);
    expect(new Set(outcomes)).toEqual(new Set(["ERR_DEPENDENCY_CYCLE", undefined]));
  });

  it("lets an issue be done when its gates are passed, and gated until then", async () => {
    const { jit } = repository();
    const { issue } = await jit.create({ title: "a" });
    expect(await codeOf(jit.gates.require(issue.id, "tests"))).toBe("ERR_TASK_NOT_FOUND");
    await jit.gates.define("tests", { title: "Tests pass", mode: "auto" });
    await jit.gates.require(issue.id, "tests");
    expect(await codeOf(jit.setState(issue.id, "done"))).toBe("ERR_TASK_TRANSITION");
    expect((await jit.complete(issue.id)).issue.state).toBe("gated");
    await jit.gates.fail(issue.id, "tests", "auto:ci");
    await jit.gates.pass(issue.id, "tests", "auto:ci");
    expect((await jit.get(issue.id))?.gates_status["tests"]).toMatchObject({
      status: "passed",
      updated_by: "auto:ci",
    });
    expect((await jit.complete(issue.id)).issue.state).toBe("done");
    expect((await jit.events(issue.id)).map(({ type }) => type)).toEqual(
      expect.arrayContaining(["gate_added", "gate_failed", "gate_passed"]),
    );
    expect((await jit.gates.list()).map(({ key }) => key)).toEqual(["tests"]);
    await jit.gates.drop(issue.id, "tests");
    await expect(jit.gates.pass(issue.id, "tests")).rejects.toMatchObject({ code: "ERR_TASK_NOT_FOUND" });
  });

  it("finds issues by what they are", async () => {
    const { jit } = repository();
    await jit.create({ title: "Fix the Parser", labels: ["type:bug"], priority: "critical" });
    await jit.create({ title: "Write", description: "about the parser" });
    expect(await jit.list({ text: "parser" })).toHaveLength(2);
    expect(
      await jit.list({ text: "parser", label: "type:bug", state: ["backlog", "ready"], assignee: null }),
    ).toHaveLength(1);
    expect((await jit.ready())[0]?.priority).toBe("critical");
  });

  it("waits JIT_LOCK_TIMEOUT seconds for another program, and then says jit's three hints", async () => {
    const { jit, directory } = repository();
    const { issue } = await jit.create({ title: "a" });
    vi.stubEnv("JIT_LOCK_TIMEOUT", "0.05");
    try {
      const index = await acquireLock(join(directory, ".jit/index.json"), "exclusive", { layout: "jit" });
      const failures = await Promise.all(
        [jit.update(issue.id, { title: "b" }), jit.create({ title: "c" })].map((work) =>
          work.catch((error: unknown) => error),
        ),
      );
      await index.release();
      for (const failure of failures) {
        expect(failure).toMatchObject({ code: "ERR_LOCK_TIMEOUT" });
        for (const hint of ["Wait a few seconds", "ps aux | grep jit", "JIT_LOCK_TIMEOUT=10"])
          expect(String(failure)).toContain(hint);
      }
      const own = await acquireLock(join(directory, `.jit/issues/${issue.id}`), "exclusive"); // `<uuid>.lock` alone
      expect(await codeOf(jit.update(issue.id, { title: "b" }))).toBe("ERR_LOCK_TIMEOUT");
      await own.release();
    } finally {
      vi.unstubAllEnvs();
    }
    await jit.update(issue.id, { title: "b" });
  });

  it("an issue whose file cannot be removed is deleted all the same: the index decides", async () => {
    const { jit, directory } = repository();
    const [{ issue }, other] = [await jit.create({ title: "a" }), await jit.create({ title: "b" })];
    const file = join(directory, `.jit/issues/${issue.id}`);
    const own = await acquireLock(file, "exclusive"); // `<uuid>.lock` alone
    expect(await jit.delete(issue.id, { timeoutMs: 20 })).toMatchObject({ changed: true });
    await own.release();
    expect(existsSync(`${file}.json`)).toBe(true);
    expect(await jit.get(issue.id)).toBeUndefined();
    expect((await jit.list()).map(({ id }) => id)).toEqual([other.issue.id]);
    expect(await codeOf(jit.delete(issue.id))).toBe("ERR_TASK_NOT_FOUND");
  });

  it("P10: a delete that the index has no place for is refused before any issue is changed", async () => {
    const { jit, directory } = repository();
    const { issue: a } = await jit.create({ title: "a" });
    const { issue: b } = await jit.create({ title: "b", dependencies: [a.id] });
    const index = { schema_version: 2, all_ids: [a.id, b.id] };
    const whole = (): readonly string[] =>
      namesBelow(directory).map((name) => readFileSync(join(directory, name), "utf8"));
    for (const deleted of [{}, "none", 7, [7], false]) {
      place(directory, ".jit/index.json", { ...index, deleted_ids: deleted });
      const before = whole();
      expect(await codeOf(jit.delete(a.id)), JSON.stringify(deleted)).toBe("ERR_DOCUMENT_INVALID");
      expect(whole()).toEqual(before);
    }
    place(directory, ".jit/index.json", { ...index, deleted_ids: null });
    await jit.delete(a.id);
    expect((await jit.get(b.id))?.dependencies).toEqual([]);
  });

  it("P10: deletes the issue of the file that was asked for, whatever id stands in a file", async () => {
    const { jit, directory, json } = repository();
    const ids: string[] = [];
    for (const title of ["a", "b", "c"]) ids.push((await jit.create({ title })).issue.id);
    const [a = "", b = "", c = ""] = ids;
    const { issue } = await jit.addDependency(b, a);
    place(directory, `.jit/issues/${a}.json`, { ...(await jit.get(a)), id: c });
    place(directory, `.jit/issues/${b}.json`, { ...issue, id: "../none" });
    await jit.delete(a);
    expect(json("index.json")).toMatchObject({ all_ids: [b, c], deleted_ids: [a] });
    expect(json(`issues/${b}.json`)).toMatchObject({ id: "../none", dependencies: [] });
    expect(await jit.get(c)).toMatchObject({ title: "c" });
  });

  it("P10: finds text beside descriptions that are none, and passes over lines that are no events", async () => {
    const { jit, directory } = repository();
    const strange = [{ valueOf: 1, toString: 1, is: "Odd" }, ["odd"], null, undefined];
    for (const description of strange) {
      const { issue } = await jit.create({ title: "a" });
      place(directory, `.jit/issues/${issue.id}.json`, { ...issue, description });
    }
    expect(await jit.list({ text: "odd" })).toHaveLength(2);
    expect(await jit.list({ text: "undefined" })).toEqual([]);
    const [{ id } = { id: "" }] = await jit.list();
    const path = join(directory, ".jit/events.jsonl");
    const lines = readFileSync(path, "utf8");
    place(directory, ".jit/events.jsonl", `null\n7\n"text"\n[]\n${lines}`);
    expect(await jit.events(id)).toMatchObject([{ type: "issue_created", issue_id: id }]);
    expect(await jit.events()).toHaveLength(strange.length);
    await jit.appendEvent("issue_completed", { issue_id: id });
    expect(readFileSync(path, "utf8").startsWith(`null\n7\n"text"\n[]\n${lines}`)).toBe(true);
  });

  it("JIT_DATA_DIR says where the data lies", async () => {
    const directory = temporaryDirectory();
    vi.stubEnv("JIT_DATA_DIR", "elsewhere");
    try {
      await openJit(directory, { branch: "main" }).create({ title: "a" });
    } finally {
      vi.unstubAllEnvs();
    }
    expect(existsSync(join(directory, "elsewhere/index.json"))).toBe(true);
  });

  it("writes nothing that jit could not read: it reads a file whole, or not at all", async () => {
    const { jit, directory } = repository();
    const { issue } = await jit.create({ title: "a" });
    await jit.gates.define("tests", {});
    await jit.gates.require(issue.id, "tests");
    const files = (): readonly string[] =>
      ["events.jsonl", `issues/${issue.id}.json`].map((name) =>
        readFileSync(join(directory, ".jit", name), "utf8"),
      );
    const before = files();
    const wrong = [
      { priority: "urgent" },
      { state: "open" },
      { assignee: "me" },
      { title: 1 },
      { context: { a: 1 } },
      { documents: ["a.md"] },
      { labels: "type:bug" },
      { id: "another" },
      { gates_status: { tests: { status: "passed", updated_by: null, updated_at: "" } } },
      { created_at: "yesterday" },
      { sate: "done" },
      null,
      "title",
    ] as unknown as readonly JitFields[];
    for (const fields of wrong) {
      await expect(jit.update(issue.id, fields)).rejects.toThrow(TypeError);
      await expect(jit.update(issue.id, () => fields)).rejects.toThrow(TypeError);
      if (typeof fields === "object" && fields !== null)
        await expect(jit.create({ title: "b", ...fields })).rejects.toThrow(TypeError);
    }
    const read = { ...(await jit.get(issue.id)) } as JitFields;
    expect((await jit.update(issue.id, read)).changed).toBe(false); // all of it, as it is
    await expect(jit.gates.pass(issue.id, "tests", "me")).rejects.toThrow(TypeError);
    await expect(jit.gates.record(issue.id, "tests", { status: "passed", by: "me" })).rejects.toThrow(
      TypeError,
    );
    await expect(jit.appendEvent("coffee_made", { issue_id: issue.id })).rejects.toThrow(
      "one of jit's events",
    );
    for (const fields of [
      {},
      { issue_id: issue.id, assignee: "me" },
      { issue_id: issue.id, assignee: "a:b", id: "x" },
    ])
      await expect(jit.appendEvent("issue_claimed", fields)).rejects.toThrow(TypeError);
    expect(files()).toEqual(before);
    await jit.appendEvent("issue_claimed", { issue_id: issue.id, assignee: "agent:a" });
    expect((await jit.events(issue.id)).at(-1)).toMatchObject({ type: "issue_claimed", assignee: "agent:a" });
  });

  it("every event of its own calls is one that jit knows, with all that jit wants of it", async () => {
    const { jit, directory } = repository();
    const { issue: a } = await jit.create({ title: "a" });
    const { issue: b } = await jit.create({ title: "b" });
    await jit.gates.define("tests", {});
    await jit.gates.require(a.id, "tests");
    await jit.gates.fail(a.id, "tests");
    await jit.gates.pass(a.id, "tests");
    await jit.gates.drop(a.id, "tests");
    await jit.addDependency(b.id, a.id);
    await jit.update(a.id, { assignee: "agent:a", state: "in_progress" });
    await jit.complete(a.id);
    await jit.delete(b.id);
    const lines = readFileSync(join(directory, ".jit/events.jsonl"), "utf8").trim().split("\n");
    expect(lines.length).toBeGreaterThan(9);
    for (const line of lines) {
      const { type, id, timestamp, ...fields } = JSON.parse(line) as JitEvent;
      expect(() => checkEvent(type, fields), line).not.toThrow();
      expect([typeof id, new Date(timestamp).toISOString()]).toEqual(["string", timestamp]);
    }
  });

  it("begins no issue whose prechecks are not passed, and calls none ready that waits", async () => {
    const { jit } = repository();
    const { issue } = await jit.create({ title: "a" });
    const { issue: later } = await jit.create({ title: "b", dependencies: [issue.id] });
    await jit.gates.define("design", { stage: "precheck" });
    await jit.gates.define("tests", {});
    for (const gate of ["design", "tests"]) await jit.gates.require(issue.id, gate);
    expect(await codeOf(jit.setState(later.id, "ready"))).toBe("ERR_TASK_TRANSITION");
    await jit.setState(issue.id, "ready");
    expect(await codeOf(jit.setState(issue.id, "in_progress"))).toBe("ERR_TASK_TRANSITION");
    expect((await jit.get(issue.id))?.state).toBe("ready");
    await jit.gates.pass(issue.id, "design");
    expect((await jit.setState(issue.id, "in_progress")).issue.state).toBe("in_progress");
  });

  it("P10: works on issues whose optional fields other programs left out, and refuses what is no issue or gate", async () => {
    const { jit, directory, json } = repository();
    const { issue } = await jit.create({ title: "a" });
    await jit.gates.define("review", {});
    await jit.gates.require(issue.id, "review");
    const name = `issues/${issue.id}.json`;
    const { gates_status: _, assignee: __, labels: ___, ...bare } = json(name) as Record<string, unknown>;
    place(directory, `.jit/${name}`, bare);
    expect(await jit.ready({ label: "x:y" })).toEqual([]);
    expect(await jit.ready()).toHaveLength(1);
    expect((await jit.complete(issue.id)).issue.state).toBe("gated");
    expect((await jit.gates.pass(issue.id, "review")).issue.gates_status).toHaveProperty("review");
    place(directory, `.jit/${name}`, { ...bare, gates_status: "passed" });
    await expect(jit.complete(issue.id)).rejects.toMatchObject({ code: "ERR_DOCUMENT_INVALID" });
    place(directory, ".jit/gates.json", { gates: { review: null } });
    await expect(jit.gates.check(issue.id, "review")).rejects.toMatchObject({ code: "ERR_DOCUMENT_INVALID" });
  });
});
