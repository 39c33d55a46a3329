import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@flockwork/core";
import type { ClaimProof } from "@flockwork/tasks";
import { openJit, type JitRepository } from "@flockwork/tasks/jit";
import type { DomainOperation } from "./domain-operation.ts";
import { hourAhead } from "./later.ts";

const ada = { holder: "agent:ada", keep: false } as const;
/** More than any process is called by. */
const gonePid = 2 ** 22 + 1;
const eviction = { by: "me", reason: "stuck" } as const;

/** Of the issue `one`; the other one is `two`. */
type Work = (issues: JitRepository, round: number, one: string, two: string) => unknown;

const open = (directory: string, clock?: Clock): JitRepository =>
  openJit(directory, { branch: "main", clock });

async function work(directory: string, round: number, run: Work, clock?: Clock): Promise<void> {
  const issues = open(directory, clock);
  const found = await issues.list();
  const [one = "", two = ""] = ["one", "two"].map((name) => found.find(({ title }) => title === name)?.id);
  await run(issues, round, one, two);
}

/**
 * @param before - What was done to the two issues before.
 * @param clock - Of the call.
 */
function operation(name: string, run: Work, before: Work = () => undefined, clock?: Clock): DomainOperation {
  return {
    name: `tasks: jit: ${name}`,
    prepare: async (directory) => {
      const issues = open(directory);
      for (const title of ["one", "two"]) await issues.create({ title });
      await issues.gates.define("tests", { title: "Tests" });
      await work(directory, 0, before);
    },
    run: (directory, round) => work(directory, round, run, clock),
    // Its event may be missing after a crash, and a new issue that is not in the index is not there: as with jit itself.
    read,
    durability: "os",
  };
}

async function read(directory: string): Promise<unknown> {
  const issues = open(directory);
  const all = await issues.list();
  const titleOf = new Map(all.map(({ id, title }) => [id, title]));
  return [
    all.map(({ title, state, description, dependencies, gates_required: gates, gates_status: status }) => [
      title,
      state,
      description,
      dependencies.map((id) => titleOf.get(id)),
      gates,
      Object.entries(status ?? {}).map(([gate, { status: is }]) => [gate, is]),
    ]),
    (await issues.gates.list()).map(({ key, title }) => [key, title]),
    (await issues.claims.list()).map(({ taskId, holder, state }) => [titleOf.get(taskId), holder, state]),
    (await issues.heartbeats.list()).map(({ agent_id: agent }) => agent),
  ];
}

const claimed: Work = (issues, _, one) => issues.claims.claim(one, ada);
const gated: Work = (issues, _, one) => issues.gates.require(one, "tests");

/** With the proof of whoever has the issue, where anybody has. */
function proven(act: (issues: JitRepository, id: string, proof: ClaimProof) => unknown): Work {
  return async (issues, _, one) => {
    const record = await issues.claims.inspect(one);
    if (record !== undefined) await act(issues, one, record);
  };
}

/** Every call that changes a jit repository. */
export const jitOperations: readonly DomainOperation[] = [
  operation("create", (issues, round) => issues.create({ title: `created ${round}` })),
  operation("update", (issues, round, one) => issues.update(one, { description: `round ${round}` })),
  operation("setState", (issues, _, one) => issues.setState(one, "in_progress")),
  operation("complete", (issues, _, one) => issues.complete(one)),
  operation("delete", (issues, _, one) => issues.delete(one)),
  operation("addDependency", (issues, _, one, two) => issues.addDependency(one, two)),
  operation(
    "removeDependency",
    (issues, _, one, two) => issues.removeDependency(one, two),
    (issues, _, one, two) => issues.addDependency(one, two),
  ),
  operation("appendEvent", (issues, round) =>
    issues.appendEvent("gate_definition_updated", { gate_key: `g${round}` }),
  ),
  operation("gates.define", (issues, round) => issues.gates.define(`g${round}`, { title: "Another" })),
  operation("gates.require", gated),
  operation("gates.drop", (issues, _, one) => issues.gates.drop(one, "tests"), gated),
  operation("gates.pass", (issues, _, one) => issues.gates.pass(one, "tests", "human:ada"), gated),
  operation("gates.fail", (issues, _, one) => issues.gates.fail(one, "tests", "human:ada"), gated),
  operation(
    "gates.record",
    (issues, _, one) => issues.gates.record(one, "tests", { status: "passed" }),
    gated,
  ),
  operation("claims.claim", claimed),
  operation("claims.claimAll", (issues, _, one, two) => issues.claims.claimAll([one, two], ada)),
  operation(
    "claims.renew",
    proven((issues, id, proof) => issues.claims.renew(id, proof)),
    claimed,
  ),
  operation(
    "claims.release",
    proven((issues, id, proof) => issues.claims.release(id, proof)),
    claimed,
  ),
  operation("claims.sweep", (issues) => issues.claims.sweep(), claimed, hourAhead),
  operation("claims.forceRelease", (issues, _, one) => issues.claims.forceRelease(one, eviction), claimed),
  operation("claims.releaseHolder", (issues) => issues.claims.releaseHolder(ada.holder, eviction), claimed),
  operation("claims.endWhere", (issues) => issues.claims.endWhere(() => eviction), claimed),
  operation("heartbeats.beat", (issues) => issues.heartbeats.beat("agent:ada")),
  {
    ...operation("heartbeats.sweep", (issues) => issues.heartbeats.sweep()),
    prepare: async (directory) => {
      await open(directory).heartbeats.beat("agent:ada");
      for (const { name, parentPath } of readdirSync(directory, { recursive: true, withFileTypes: true })) {
        if (!parentPath.endsWith("heartbeat") || !name.endsWith(".json")) continue;
        const path = join(parentPath, name);
        writeFileSync(path, readFileSync(path, "utf8").replace(/"pid": ?\d+/, `"pid": ${gonePid}`));
      }
    },
  },
];
