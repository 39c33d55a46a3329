import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { memoryStore } from "@flockwork/core";
import { describe, expect, it } from "vitest";
import { openJit, type JitRepository } from "../../src/jit.ts";
import { FakeClock } from "../claims/fake-clock.ts";
import { namesBelow, place, Program, temporaryDirectory } from "../support/surroundings.ts";

async function repository(): Promise<{
  readonly jit: JitRepository;
  readonly id: string;
  readonly directory: string;
}> {
  const directory = temporaryDirectory();
  const jit = openJit(directory, { clock: new FakeClock(), agent: "agent:test", branch: "main" });
  const { issue } = await jit.create({ title: "a" });
  await jit.gates.define("tests", { mode: "auto" });
  await jit.gates.require(issue.id, "tests");
  return { jit, id: issue.id, directory };
}

const runsIn = (directory: string): readonly string[] =>
  namesBelow(directory).filter((name) => name.includes("gate-runs"));

describe("gate runs", () => {
  it("are of gates whose key is a string, and nothing that could be written like one", async () => {
    const { jit } = await repository();
    for (const key of [["lint"], { toString: () => "lint" }, null, true] as never[])
      await expect(jit.gates.define(key, { title: "Lint" })).rejects.toThrow("key must be a name");
    expect((await jit.gates.list()).map(({ key }) => key)).toEqual(["tests"]);
  });

  it("are written in jit's own form, byte for byte, and the gate stands by them", async () => {
    const { jit, id, directory } = await repository();
    const { run, issue } = await jit.gates.record(id.slice(0, 8), "tests", {
      status: "failed",
      started_at: "2026-01-02T03:04:00.500Z",
      exit_code: 1,
      stdout: "1 failed\n\u001b[31m<&>\u001b[m ü",
      command: "cargo test",
      commit: "abc123",
      by: "auto:executor",
    });
    const path = join(directory, `.jit/gate-runs/${run.run_id}/result.json`);
    expect(readFileSync(path, "utf8")).toBe(`{
  "schema_version": 1,
  "run_id": "${run.run_id}",
  "gate_key": "tests",
  "stage": "postcheck",
  "issue_id": "${id}",
  "commit": "abc123",
  "branch": null,
  "status": "failed",
  "started_at": "2026-01-02T03:04:00.500Z",
  "completed_at": "2026-01-02T03:04:05.000Z",
  "duration_ms": 4500,
  "exit_code": 1,
  "stdout": "1 failed\\n\\u001b[31m<&>\\u001b[m ü",
  "stderr": "",
  "command": "cargo test",
  "by": "auto:executor",
  "message": null
}`);
    expect(issue.gates_status["tests"]).toMatchObject({ status: "failed", updated_by: "auto:executor" });
    expect(readdirSync(join(path, ".."))).toEqual(["result.json"]);
    expect(await jit.gates.run(run.run_id)).toEqual(run);
    expect((await jit.events(id)).at(-1)).toMatchObject({ type: "gate_failed", gate_key: "tests" });
  });

  it("that pass let the issue be done; errors fail the gate, and what was skipped leaves it open", async () => {
    const { jit, id } = await repository();
    const after = async (status: "passed" | "error" | "skipped"): Promise<unknown> =>
      (await jit.gates.record(id, "tests", { status })).issue.gates_status["tests"]?.status;
    expect([await after("error"), await after("skipped"), await after("passed")]).toEqual([
      "failed",
      "pending",
      "passed",
    ]);
    expect((await jit.complete(id)).issue.state).toBe("done");
    const [run] = await jit.gates.runs(id);
    expect(run).toMatchObject({ by: "agent:test", duration_ms: 0, exit_code: null });
  });

  it("of jit itself are read, with what is not known, the last one first", async () => {
    const { jit, id, directory } = await repository();
    await jit.gates.define("lint", {});
    const theirs = (runId: string, startedAt: string, gate = "tests"): unknown => ({
      schema_version: 1,
      run_id: runId,
      gate_key: gate,
      stage: "postcheck",
      issue_id: id,
      status: "passed",
      started_at: startedAt,
      tree_dirty: true,
    });
    place(directory, ".jit/gate-runs/r1/result.json", theirs("r1", "2026-01-02T03:04:05.123456788Z"));
    place(directory, ".jit/gate-runs/r2/result.json", theirs("r2", "2026-01-02T03:04:05.123456789Z"));
    place(directory, ".jit/gate-runs/r3/result.json", theirs("r3", "2026-01-02T03:04:04Z", "lint"));
    place(directory, ".jit/gate-runs/r4/other.txt", "its run was not written");
    const ids = async (filter?: { gate: string }): Promise<unknown> =>
      (await jit.gates.runs(id, filter)).map(({ run_id: runId }) => runId);
    expect(await ids()).toEqual(["r2", "r1", "r3"]);
    expect(await ids({ gate: "lint" })).toEqual(["r3"]);
    expect(await jit.gates.run("r1")).toMatchObject({ tree_dirty: true });
    expect(await jit.gates.run("r9")).toBeUndefined();
    await expect(jit.gates.run("../issues")).rejects.toThrow(TypeError);
    place(directory, ".jit/gate-runs/r5/result.json", '{ "run_id": "r5"');
    await expect(jit.gates.runs(id)).rejects.toMatchObject({ code: "ERR_DOCUMENT_CORRUPT" });
  });

  it("that are refused leave nothing behind", async () => {
    const { jit, id, directory } = await repository();
    await jit.gates.define("lint", {});
    const passed = { status: "passed" } as const;
    await expect(jit.gates.record(id, "review", passed)).rejects.toMatchObject({
      code: "ERR_TASK_NOT_FOUND",
    });
    await expect(jit.gates.record(id, "lint", passed)).rejects.toMatchObject({
      code: "ERR_TASK_NOT_FOUND",
    });
    await expect(jit.gates.record(id, "tests", { status: "passed", exit_code: 0.5 })).rejects.toThrow(
      RangeError,
    );
    await expect(jit.gates.record(id, "tests", { status: "passed", started_at: "now" })).rejects.toThrow(
      TypeError,
    );
    const claim = await jit.claims.claim(id, { holder: "agent:other", keep: false });
    await expect(jit.gates.record(id, "tests", passed)).rejects.toMatchObject({ code: "ERR_TASK_CLAIMED" });
    expect(runsIn(directory)).toEqual([]);
    expect((await jit.get(id))?.gates_status).toEqual({});
    if (!claim.granted) throw new Error(claim.message);
    await jit.gates.record(id, "tests", passed, { claim });
    expect(runsIn(directory)).toHaveLength(1);
  });

  it("P1: of several processes at once are all there", async () => {
    const { jit, id, directory } = await repository();
    const programs = ["a", "b", "c"].map(
      (name) => new Program("jit-agent.ts", directory, "record", name, "5", id),
    );
    expect(await Promise.all(programs.map((program) => program.exit()))).toEqual([0, 0, 0]);
    const runs = await jit.gates.runs(id);
    expect(new Set(runs.map(({ message }) => message)).size).toBe(15);
    expect((await jit.events(id)).filter(({ type }) => type === "gate_passed")).toHaveLength(15);
  });

  it("of a repository in a store are found by their ids", async () => {
    const jit = openJit(memoryStore(), { branch: "main" });
    const { issue } = await jit.create({ title: "a" });
    await jit.gates.define("tests", {});
    await jit.gates.require(issue.id, "tests");
    const { run } = await jit.gates.record(issue.id, "tests", { status: "passed" });
    expect(await jit.gates.run(run.run_id)).toEqual(run);
    await expect(jit.gates.runs(issue.id)).rejects.toMatchObject({ code: "ERR_UNSUPPORTED" });
  });
});
