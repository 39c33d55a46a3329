import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openJit } from "../../src/jit.ts";
import { Program, temporaryDirectory } from "../support/surroundings.ts";

// Two of the tests of jit's guide: test_concurrent_issue_creates_no_corruption (50 × 5) and test_concurrent_list_and_create.
it("P1: fifty writers that create five issues each lose none, and readers see whole lists meanwhile", async () => {
  const directory = temporaryDirectory();
  const jit = openJit(directory, { branch: "main" });
  let finished = false;
  // Fifty callers in five processes: ten each, all at once.
  const programs = Array.from(
    { length: 5 },
    (_, at) => new Program("jit-agent.ts", directory, "create", `w${at}`, "50"),
  );
  const all = Promise.all(programs.map((program) => program.exit())).finally(() => (finished = true));
  let last = 0;
  while (!finished) {
    const issues = await jit.list();
    expect(issues.length).toBeGreaterThanOrEqual(last);
    last = issues.length;
    for (const { id, title, state } of issues)
      expect([typeof id, typeof title, state]).toEqual(["string", "string", "backlog"]);
    await new Promise(setImmediate);
  }
  expect(await all).toEqual([0, 0, 0, 0, 0]);
  const issues = await jit.list();
  expect(new Set(issues.map(({ title }) => title)).size).toBe(250);
  expect(readdirSync(join(directory, ".jit/issues")).filter((name) => name.endsWith(".json"))).toHaveLength(
    250,
  );
  expect((await jit.events()).filter(({ type }) => type === "issue_created")).toHaveLength(250);
});

it("P1: agents that claim, read, change and release lose no update of a shared issue or of their own", async () => {
  const directory = temporaryDirectory();
  const jit = openJit(directory, { branch: "main" });
  const { issue } = await jit.create({ title: "0" });
  const agents = ["a", "b"].map(
    (name) => new Program("jit-agent.ts", directory, "count", name, "5", issue.id),
  );
  expect(await Promise.all(agents.map((program) => program.exit()))).toEqual([0, 0]);
  expect((await jit.list()).map(({ title }) => title).toSorted()).toEqual(["10", "5", "5"]);
  expect(await jit.claims.list()).toEqual([]);
});

it("P2: an agent killed at any moment leaves whole files and no lock", async () => {
  const directory = temporaryDirectory();
  const jit = openJit(directory, { branch: "main" });
  const { issue } = await jit.create({ title: "0" });
  for (let round = 0; round < 2; round += 1) {
    const agent = new Program("jit-agent.ts", directory, "count", `k${round}`, "100000", issue.id);
    await agent.message();
    const before = Number((await jit.get(issue.id))?.title);
    while (Number((await jit.get(issue.id))?.title) < before + 1 + round) await new Promise(setImmediate);
    await agent.kill();
    await jit.claims.releaseHolder(`agent:k${round}`, { by: "test", reason: "killed" });
    const title = Number((await jit.get(issue.id))?.title);
    expect(title).toBeGreaterThan(before);
    await jit.update(issue.id, { title: `${title}`, description: `round ${round}` }, { timeoutMs: 20_000 });
    expect(await jit.claims.list()).toEqual([]);
  }
});
