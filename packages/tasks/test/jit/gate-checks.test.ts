import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, watch } from "node:fs";
import { join } from "node:path";
import { memoryStore } from "@flockwork/core";
import { describe, expect, it } from "vitest";
import {
  openJit,
  type JitChecker,
  type JitGate,
  type JitGateRun,
  type JitRepository,
} from "../../src/jit.ts";
import { place, temporaryDirectory } from "../support/surroundings.ts";

async function repository(checker: Partial<JitChecker> & { command: string }): Promise<{
  readonly jit: JitRepository;
  readonly id: string;
  readonly directory: string;
}> {
  const directory = temporaryDirectory();
  const jit = openJit(directory, { agent: "agent:test", branch: "main" });
  const { issue } = await jit.create({ title: "a" });
  await gate(jit, issue.id, "tests", checker);
  return { jit, id: issue.id, directory };
}

async function gate(
  jit: JitRepository,
  id: string,
  key: string,
  checker: Partial<JitChecker> & { command: string },
  fields: Partial<JitGate> = {},
): Promise<void> {
  const whole: JitChecker = { type: "exec", timeout_seconds: 30, ...checker };
  await jit.gates.define(key, { mode: "auto", checker: whole, ...fields });
  await jit.gates.require(id, key);
}

/** Writes a gate into `gates.json` as no call of this package does. */
function rewriteGate(
  directory: string,
  key: string,
  make: (known: Record<string, unknown>) => Record<string, unknown>,
): void {
  const path = join(directory, ".jit/gates.json");
  const { gates } = JSON.parse(readFileSync(path, "utf8")) as {
    gates: Record<string, Record<string, unknown>>;
  };
  place(directory, ".jit/gates.json", { gates: { ...gates, [key]: make(gates[key] ?? {}) } });
}

/** Whether a process has ended; one that nobody waited for counts as ended. */
function hasEnded(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() === "" || stdout.startsWith("Z");
}

async function appears(path: string): Promise<string> {
  const read = (): string => (existsSync(path) ? readFileSync(path, "utf8") : "");
  for await (const _ of changesIn(join(path, ".."))) if (read().endsWith("\n")) break;
  return read().trim();
}

/** At once, then at each change. */
async function* changesIn(directory: string): AsyncGenerator<void> {
  let wake = (): void => {};
  const watcher = watch(directory, () => wake());
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => (wake = resolve));
      yield;
      await changed;
    }
  } finally {
    watcher.close();
  }
}

describe("the checker of a gate", () => {
  it("is run by a move that asks for it, before it, and by no other", async () => {
    const { jit, id, directory } = await repository({ command: "echo post >> ran; test -e good" });
    await gate(jit, id, "look", { command: "echo pre >> ran; test -e look" }, { stage: "precheck" });
    const ran = (): string =>
      existsSync(join(directory, "ran")) ? readFileSync(join(directory, "ran"), "utf8") : "";
    await expect(jit.setState(id, "in_progress")).rejects.toMatchObject({ code: "ERR_TASK_TRANSITION" });
    expect(ran()).toBe("");
    const check = true;
    await expect(jit.setState(id, "in_progress", { check })).rejects.toMatchObject({
      code: "ERR_TASK_TRANSITION",
    });
    place(directory, "look", "");
    expect((await jit.setState(id, "in_progress", { check })).issue.state).toBe("in_progress");
    expect(ran()).toBe("pre\npre\n");
    expect((await jit.complete(id, { check })).issue.state).toBe("gated");
    place(directory, "good", "");
    expect((await jit.complete(id, { check, by: "ci:one" })).issue.state).toBe("done");
    expect(ran()).toBe("pre\npre\npost\npost\n");
    expect((await jit.gates.runs(id)).map(({ status, by }) => [status, by])[0]).toEqual(["passed", "ci:one"]);
  });

  it("runs in the directory of the project, is told what for, and its run is noted as jit notes it", async () => {
    const { jit, id, directory } = await repository({
      command:
        'pwd; echo "$JIT_ISSUE_ID $JIT_GATE_KEY $JIT_STAGE ${JIT_CONTEXT_FILE-none} $MINE"; echo bad >&2; cat',
      env: { MINE: "x y" },
    });
    execFileSync("git", ["init", "-q", "-b", "work"], { cwd: directory });
    const author = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
    execFileSync("git", [...author, "commit", "-q", "--allow-empty", "-m", "x"], { cwd: directory });
    process.env["JIT_CONTEXT_FILE"] = "/of/another";
    const { run, issue } = await jit.gates.check(id.slice(0, 8), "tests").finally(() => {
      delete process.env["JIT_CONTEXT_FILE"];
    });
    expect(run).toMatchObject({
      gate_key: "tests",
      issue_id: id,
      status: "passed",
      exit_code: 0,
      stderr: "bad\n",
      branch: "work",
      by: "auto:executor",
      message: null,
    });
    expect(run.stdout).toBe(`${directory}\n${id} tests postcheck none x y\n`);
    expect(run.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(await jit.gates.run(run.run_id)).toEqual(run);
    expect(issue.gates_status["tests"]).toMatchObject({ status: "passed", updated_by: "auto:executor" });
    expect((await jit.events(id)).at(-1)).toMatchObject({ type: "gate_passed", gate_key: "tests" });
    expect((await jit.complete(id)).issue.state).toBe("done");
  });

  it.each([
    ["a command that fails fails the gate", "exit 3", { status: "failed", exit_code: 3, message: null }],
    ["a command that is not found is an error", "no-such-command-here", { status: "error", exit_code: 127 }],
    [
      "a command that is killed is an error",
      "kill -9 $$",
      { status: "error", exit_code: null, message: "ended by SIGKILL" },
    ],
  ])("%s", async (_name, command, expected) => {
    const { jit, id } = await repository({ command });
    const { run, issue } = await jit.gates.check(id, "tests", { by: "human:me" });
    expect(run).toMatchObject({ ...expected, by: "human:me" });
    expect(issue.gates_status["tests"]).toMatchObject({ status: "failed", updated_by: "human:me" });
    await expect(jit.setState(id, "done")).rejects.toMatchObject({ code: "ERR_TASK_TRANSITION" });
  });

  it("that cannot be started is an error, and noted", async () => {
    const { jit, id } = await repository({ command: "true", working_dir: "not/there" });
    const { run } = await jit.gates.check(id, "tests");
    expect(run).toMatchObject({ status: "error", exit_code: null });
    expect(run.message).toMatch(/^could not be started/);
  });

  it.each<[string, Partial<JitChecker>, Record<string, unknown>]>([
    ["a NUL in its command", { command: "true \0" }, {}],
    ["a command that is longer than the system takes", { command: `: ${"x".repeat(2_000_000)}` }, {}],
    ["a NUL in its environment", { env: { A: "\0" } }, {}],
    ["a NUL in its directory", { working_dir: "a\0" }, {}],
    ["a file for its directory", { working_dir: ".jit/index.json" }, {}],
    ["a stage that is no text", {}, { stage: { valueOf: 1, toString: 1 } }],
  ])("P10: that is refused at once, for %s, is an error, and noted", async (_why, checker, fields) => {
    const { jit, id, directory } = await repository({ command: "true" });
    rewriteGate(directory, "tests", (known) => ({
      ...known,
      ...fields,
      checker: { ...(known["checker"] as JitChecker), ...checker },
    }));
    const { run, issue } = await jit.gates.check(id, "tests");
    expect(run).toMatchObject({ status: "error", exit_code: null, stdout: "", stderr: "" });
    expect(run.message).toMatch(/^could not be started: /);
    expect(await jit.gates.run(run.run_id)).toEqual(run);
    expect(issue.gates_status["tests"]).toMatchObject({ status: "failed" });
  });

  it("P10: is that of the gate it stands under, whatever key that gives itself", async () => {
    const { jit, id, directory } = await repository({ command: 'echo "$JIT_GATE_KEY"' });
    for (const key of [{ valueOf: 1, toString: 1 }, undefined, null, "another"]) {
      rewriteGate(directory, "tests", (known) => ({ ...known, key }));
      const { run } = await jit.gates.check(id, "tests");
      expect(run).toMatchObject({ status: "passed", gate_key: "tests", stdout: "tests\n" });
      expect(await jit.gates.checkAll(id)).toHaveLength(1);
      expect((await jit.setState(id, "gated", { check: true })).issue.state).toBe("gated");
      expect((await jit.gates.list()).map((gate) => gate.key)).toEqual(["tests"]);
    }
  });

  it("P10: names no prompt that no file can be, and no gate that no issue can note", async () => {
    const { jit, id, directory } = await repository({ command: "true", pass_context: true });
    const name = `.jit/issues/${id}.json`;
    place(directory, name, { ...(await jit.get(id)), gates_required: ["tests", "__proto__"] });
    const before = readFileSync(join(directory, name), "utf8");
    for (const work of [jit.gates.pass(id, "__proto__"), jit.gates.fail(id, "__proto__")])
      await expect(work).rejects.toMatchObject({ code: "ERR_TASK_FORMAT" });
    expect(readFileSync(join(directory, name), "utf8")).toBe(before);
    await jit.gates.pass(id, "tests");
    await jit.gates.drop(id, "__proto__");
    await jit.setState(id, "done");
    const checker = { type: "exec", command: "true", timeout_seconds: 1, prompt_file: "a\0b" } as const;
    await expect(jit.gates.define("other", { mode: "auto", checker })).rejects.toThrow(
      /^checker: prompt_file/,
    );
    rewriteGate(directory, "tests", (known) => ({ ...known, checker: { ...checker, pass_context: true } }));
    await expect(jit.gates.check(id, "tests")).rejects.toMatchObject({ code: "ERR_TASK_FORMAT" });
    expect(await jit.gates.runs(id)).toEqual([]);
  });

  it("that takes too long is ended with all that it started", async () => {
    const { jit, id, directory } = await repository({
      command: "echo begun; sleep 1000 & echo $! > pid; wait",
      timeout_seconds: 1,
    });
    const { run } = await jit.gates.check(id, "tests");
    expect(run).toMatchObject({ status: "error", exit_code: null, stdout: "begun\n" });
    expect(run.message).toBe("ended: it took more than 1 seconds");
    expect(hasEnded(Number(readFileSync(join(directory, "pid"), "utf8")))).toBe(true);
  });

  it("is ended by the signal, and nothing is noted", async () => {
    const { jit, id, directory } = await repository({ command: "sleep 1000 & echo $! > pid; wait" });
    const stop = new AbortController();
    const checking = jit.gates.check(id, "tests", { signal: stop.signal });
    const pid = Number(await appears(join(directory, "pid")));
    stop.abort(new Error("enough"));
    await expect(checking).rejects.toThrow("enough");
    expect(hasEnded(pid)).toBe(true);
    expect(await jit.gates.runs(id)).toEqual([]);
    expect((await jit.get(id))?.gates_status).toEqual({});
  });

  it("is over when its command is, whatever that left running", async () => {
    const { jit, id } = await repository({ command: "sleep 1000 & echo $!" });
    const { run } = await jit.gates.check(id, "tests");
    expect(run.status).toBe("passed");
    const left = Number(run.stdout);
    expect(hasEnded(left)).toBe(false);
    process.kill(left, "SIGKILL");
  });

  it("may say more than is kept: then the end of it is", async () => {
    const { jit, id } = await repository({ command: "head -c 3000000 /dev/zero | tr '\\0' x; echo end" });
    const { run } = await jit.gates.check(id, "tests");
    expect(run.stdout).toHaveLength(1_048_576);
    expect(run.stdout.endsWith("xend\n")).toBe(true);
    expect(run.message).toBe("of its output, the last 1048576 bytes are kept");
  });

  it("is not run where the change would be refused, and nothing but a check runs one", async () => {
    const { jit, id, directory } = await repository({ command: "echo > ran" });
    const claim = await jit.claims.claim(id, { holder: "agent:other", keep: false });
    if (!claim.granted) throw new Error(claim.message);
    await expect(jit.gates.check(id, "tests")).rejects.toMatchObject({ code: "ERR_TASK_CLAIMED" });
    await expect(jit.gates.check(id, "tests", { claim, by: "nobody" })).rejects.toThrow(TypeError);
    await expect(jit.gates.check(id, "lint", { claim })).rejects.toMatchObject({
      code: "ERR_TASK_NOT_FOUND",
    });
    await jit.setState(id, "in_progress", { claim });
    await jit.complete(id, { claim });
    await jit.gates.pass(id, "tests", "human:me", { claim });
    expect(existsSync(join(directory, "ran"))).toBe(false);
    await jit.gates.check(id, "tests", { claim });
    expect(existsSync(join(directory, "ran"))).toBe(true);
  });

  it("is refused where there is none that jit could run, or the issue does not require the gate", async () => {
    const { jit, id, directory } = await repository({ command: "true" });
    await jit.gates.define("review", { mode: "manual" });
    await jit.gates.define("bare", { mode: "auto" });
    await jit.gates.define("other", {
      mode: "auto",
      checker: { type: "exec", command: "true", timeout_seconds: 1 },
    });
    for (const key of ["review", "bare"]) await jit.gates.require(id, key);
    for (const key of ["review", "bare"])
      await expect(jit.gates.check(id, key), key).rejects.toThrow(TypeError);
    for (const note of ["check", "pass", "fail"] as const)
      await expect(jit.gates[note](id, "other"), note).rejects.toMatchObject({ code: "ERR_TASK_NOT_FOUND" });
    const gates = JSON.parse(readFileSync(join(directory, ".jit/gates.json"), "utf8")) as {
      gates: Record<string, { checker: unknown }>;
    };
    Object.assign(gates.gates["tests"] ?? {}, { checker: { type: "http", url: "https://example.org" } });
    place(directory, ".jit/gates.json", gates);
    await expect(jit.gates.check(id, "tests")).rejects.toMatchObject({ code: "ERR_TASK_FORMAT" });
    for (const checker of [
      { type: "exec", timeout_seconds: 1 },
      { type: "exec", command: "true", timeout_seconds: 0.5 },
      { type: "exec", command: "true", timeout_seconds: 1, env: { A: 1 } },
    ])
      await expect(jit.gates.define("tests", { checker: checker as unknown as JitChecker })).rejects.toThrow(
        /^checker: /,
      );
    await expect(jit.gates.define("tests", { stage: "later" as "precheck" })).rejects.toThrow(TypeError);
  });

  it("finds the issue, its gate and the last runs of it in JIT_CONTEXT_FILE, where it asks for them", async () => {
    const { jit, id, directory } = await repository({
      command: 'ls "$JIT_CONTEXT_FILE" >&2; cat "$JIT_CONTEXT_FILE"; exit 1',
      pass_context: true,
      prompt_file: "prompts/review.md",
    });
    const { issue: other } = await jit.create({ title: "first" });
    await jit.addDependency(id, other.id);
    await expect(jit.gates.check(id, "tests")).rejects.toMatchObject({ code: "ERR_TASK_FORMAT" });
    place(directory, "prompts/review.md", "look closely");
    for (let at = 0; at < 6; at += 1) await jit.gates.check(id, "tests");
    const { run } = await jit.gates.check(id, "tests");
    const context = JSON.parse(run.stdout) as { run_history: readonly JitGateRun[] };
    expect(context).toMatchObject({
      schema_version: 1,
      prompt: "look closely",
      issue: {
        id,
        short_id: id.slice(0, 8),
        title: "a",
        dependencies: [{ id: other.id, title: "first", state: "backlog" }],
        gates: [{ key: "tests", status: "failed", exit_code: 1 }],
      },
      gate: { key: "tests", title: "tests", description: "", stage: "postcheck" },
    });
    expect(context.run_history).toHaveLength(5);
    expect(context.run_history.at(-1)).toMatchObject({ stderr: "", exit_code: 1 });
    const starts = context.run_history.map(({ started_at: at }) => at);
    expect(starts).toEqual(starts.toSorted());
    expect(run.stderr.trim()).toBe(join(directory, `.jit/gate-runs/${run.run_id}/context.json`));
    expect(globSync("**/context.json", { cwd: join(directory, ".jit") })).toEqual([]);
    await jit.gates.define("tests", {
      checker: {
        type: "exec",
        command: "true",
        timeout_seconds: 1,
        pass_context: true,
        prompt_file: "../out.md",
      },
    });
    await expect(jit.gates.check(id, "tests")).rejects.toThrow(/outside of the project/);
  });

  it("of all gates of an issue run one after the other, by their priority", async () => {
    const { jit, id, directory } = await repository({ command: "echo tests >> ran; exit 1" });
    await gate(jit, id, "first", { command: "echo first >> ran" }, { priority: 1 });
    await gate(jit, id, "before", { command: "echo before >> ran" }, { stage: "precheck" });
    await jit.gates.define("review", {});
    await jit.gates.require(id, "review");
    const checked = await jit.gates.checkAll(id);
    expect(checked.map(({ run }) => [run.gate_key, run.status])).toEqual([
      ["first", "passed"],
      ["tests", "failed"],
      ["before", "passed"],
    ]);
    expect(await jit.gates.checkAll(id, { stage: "precheck" })).toHaveLength(1);
    expect(readFileSync(join(directory, "ran"), "utf8")).toBe("first\ntests\nbefore\nbefore\n");
  });

  it("cannot run for a repository in a store, which has no directory", async () => {
    const jit = openJit(memoryStore(), { branch: "main" });
    const { issue } = await jit.create({ title: "a" });
    await gate(jit, issue.id, "tests", { command: "true" });
    await expect(jit.gates.check(issue.id, "tests")).rejects.toMatchObject({ code: "ERR_UNSUPPORTED" });
  });
});
