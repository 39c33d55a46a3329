import { mkdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CommitUncertainError, StoreError } from "@flockwork/core";
import { expect, it } from "vitest";
import {
  EventNotWrittenError,
  openJit,
  type CheckReceipt,
  type IssueReceipt,
  type JitGate,
  type JitRepository,
} from "../../src/jit.ts";
import { temporaryDirectory } from "../support/surroundings.ts";

const exec = (command: string): Partial<JitGate> => ({
  mode: "auto",
  checker: { type: "exec", command, timeout_seconds: 30 },
});

/** Issue two waits for one, which requires two gates; three is nobody's. From then on no event can be written. */
async function repository(): Promise<{
  readonly jit: JitRepository;
  readonly one: string;
  readonly two: string;
  readonly three: string;
  /** Of the events: a directory stands in their place. */
  readonly path: string;
}> {
  const directory = temporaryDirectory();
  const jit = openJit(directory, { agent: "agent:test", branch: "main" });
  const { issue: one } = await jit.create({ title: "one" });
  const { issue: two } = await jit.create({ title: "two", dependencies: [one.id] });
  const { issue: three } = await jit.create({ title: "three" });
  for (const key of ["first", "second"]) {
    await jit.gates.define(key, exec("true"));
    await jit.gates.require(one.id, key);
  }
  const path = join(directory, ".jit", "events.jsonl");
  rmSync(path);
  mkdirSync(path);
  return { jit, one: one.id, two: two.id, three: three.id, path };
}

async function failureOf<R>(work: Promise<R>): Promise<EventNotWrittenError<R>> {
  const failure: unknown = await work.then(
    () => "it succeeded",
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(EventNotWrittenError);
  expect(failure).toMatchObject({ code: "ERR_EVENT_NOT_WRITTEN", retryable: "no", mayBeThere: false });
  return failure as EventNotWrittenError<R>;
}

const typesOf = ({ events }: EventNotWrittenError): readonly string[] => events.map(({ type }) => type);

it("an issue is created although its event cannot be written, and the error says so: nobody creates it again", async () => {
  const { jit, path } = await repository();
  const failure = await failureOf(jit.create({ title: "four" }));
  const { issue, changed } = failure.receipt;
  expect([changed, await jit.get(issue.id), (await jit.list()).length]).toEqual([true, issue, 4]);
  expect(failure.path).toBe(path);
  expect(failure.message).toBe(
    `Issue ${issue.id} was created, but what tells of it (issue_created) is missing from ${path}: ERR_UNSAFE_PATH. ` +
      "Do not repeat the call. Tell of it with appendEvent when that is mended.",
  );
  expect(failure.cause).toBeInstanceOf(StoreError);

  rmdirSync(path);
  for (const { type, id: _, timestamp: __, ...fields } of failure.events) await jit.appendEvent(type, fields);
  expect(await jit.events(issue.id)).toMatchObject([
    { type: "issue_created", title: "four", priority: "normal" },
  ]);
});

type Change = (jit: JitRepository, one: string, two: string, three: string) => Promise<IssueReceipt>;
const changes: readonly (readonly [string, readonly string[], Change])[] = [
  ["update", ["issue_updated"], (jit, one) => jit.update(one, { title: "1" })],
  ["setState", ["issue_state_changed"], (jit, one) => jit.setState(one, "in_progress")],
  [
    "setState, as done",
    ["issue_state_changed", "issue_completed"],
    (jit, one) => jit.setState(one, "done", { force: true }),
  ],
  ["complete", ["issue_state_changed"], (jit, one) => jit.complete(one)],
  ["addDependency", ["issue_updated"], (jit, _, two, three) => jit.addDependency(two, three)],
  ["removeDependency", ["issue_updated"], (jit, one, two) => jit.removeDependency(two, one)],
  ["gates.drop", ["gate_removed"], (jit, one) => jit.gates.drop(one, "first")],
  ["gates.pass", ["gate_passed"], (jit, one) => jit.gates.pass(one, "first")],
  ["gates.fail", ["gate_failed"], (jit, one) => jit.gates.fail(one, "first")],
];

it.each(changes)(
  "%s is done although its events cannot be written, and the error says so",
  async (_, types, change) => {
    const { jit, one, two, three } = await repository();
    const failure = await failureOf(change(jit, one, two, three));
    expect(typesOf(failure)).toEqual(types);
    const { issue, changed } = failure.receipt;
    expect([changed, await jit.get(issue.id)]).toEqual([true, issue]);
  },
);

it("a delete and a gate's definition are done although their events cannot be written", async () => {
  const { jit, one, two } = await repository();
  const deleted = await failureOf(jit.delete(one));
  expect([typesOf(deleted), deleted.receipt.issue.id]).toEqual([["issue_deleted"], one]);
  expect([await jit.get(one), (await jit.get(two))?.dependencies]).toEqual([undefined, []]);
  const defined = await failureOf(jit.gates.define("third", { title: "Third" }));
  expect(typesOf(defined)).toEqual(["gate_definition_updated"]);
  expect(await jit.gates.list()).toContainEqual(defined.receipt);
});

it("a run of a gate stays noted, as the gate does, although its event cannot be written", async () => {
  const { jit, one } = await repository();
  const recorded: EventNotWrittenError<CheckReceipt> = await failureOf(
    jit.gates.record(one, "first", { status: "failed" }),
  );
  expect(await jit.gates.runs(one)).toEqual([recorded.receipt.run]);
  expect((await jit.get(one))?.gates_status?.["first"]?.status).toBe("failed");
});

it("all steps of a call are taken, whatever cannot be told of, and it tells of all in the end", async () => {
  const { jit, one } = await repository();
  const checked = await failureOf(jit.gates.checkAll(one));
  expect(typesOf(checked)).toEqual(["gate_passed", "gate_passed"]);
  expect(checked.receipt.map(({ run }) => run.gate_key)).toEqual(["first", "second"]);
  const done = await failureOf(jit.complete(one, { check: true }));
  expect(typesOf(done)).toEqual(["gate_passed", "gate_passed", "issue_state_changed", "issue_completed"]);
  expect(done.receipt).toMatchObject({ changed: true, issue: { state: "done" } });
  expect(await jit.get(one)).toEqual(done.receipt.issue);
});

it("a call that does nothing but append an event fails as any append", async () => {
  const { jit, one } = await repository();
  const appending = jit.appendEvent("issue_completed", { issue_id: one });
  await expect(appending).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
});

it("what is refused is refused as ever", async () => {
  const { jit, two } = await repository();
  await expect(jit.setState(two, "done")).rejects.toMatchObject({ code: "ERR_TASK_TRANSITION" });
  expect((await jit.update(two, { title: "two" })).changed).toBe(false);
});

it("an append that could not tell whether it happened may have left the event", () => {
  const events = [{ type: "issue_completed", id: "e", timestamp: "2026-01-01T00:00:00Z" }];
  const cause = new CommitUncertainError("/x/events.jsonl", Object.assign(new Error("EIO"), { code: "EIO" }));
  const receipt = { changed: true };
  const facts = { done: "Issue i was changed", path: "/x/events.jsonl", events, receipt };
  const error = new EventNotWrittenError(facts, cause);
  expect(error).toMatchObject({ mayBeThere: true, cause, receipt, events });
  expect(error.message).toContain(
    "(issue_completed) may be missing from /x/events.jsonl: EIO. Do not repeat",
  );
});
