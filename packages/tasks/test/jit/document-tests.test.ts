/** The integration tests that jit's guide to its locks lists, by their names there: two more are in `processes.test.ts`. */
import { describe, expect, it } from "vitest";
import { openJit, type JitRepository } from "../../src/jit.ts";
import { Program, temporaryDirectory } from "../support/surroundings.ts";

async function ended(programs: readonly Program[]): Promise<void> {
  expect(await Promise.all(programs.map((program) => program.exit()))).toEqual(programs.map(() => 0));
}

describe("jit's integration tests", () => {
  async function repository(): Promise<{ jit: JitRepository; directory: string; id: string }> {
    const directory = temporaryDirectory();
    const jit = openJit(directory, { branch: "main" });
    const { issue } = await jit.create({ title: "0", description: "0" });
    return { jit, directory, id: issue.id };
  }

  it("test_concurrent_updates_to_different_issues: each program's own issue has all of its updates", async () => {
    const { jit, directory } = await repository();
    const created = await Promise.all(["a", "b"].map(() => jit.create({ title: "0" })));
    await ended(
      created.map(({ issue }) => new Program("jit-document.ts", directory, "count", issue.id, "20")),
    );
    for (const { issue } of created) expect((await jit.get(issue.id))?.title).toBe("20");
  });

  it("test_concurrent_updates_to_same_issue: all are there; no last one wins over the others", async () => {
    const { jit, directory, id } = await repository();
    await ended([1, 2].map(() => new Program("jit-document.ts", directory, "count", id, "30")));
    expect((await jit.get(id))?.title).toBe("60");
    expect((await jit.events(id)).filter(({ type }) => type === "issue_updated")).toHaveLength(60);
  });

  it("test_concurrent_read_write_issue: a reader sees an issue as it was before or after a write", async () => {
    const { jit, directory, id } = await repository();
    const writers = [1, 2].map(() => new Program("jit-document.ts", directory, "whole", id, "30"));
    let finished = false;
    const all = ended(writers).finally(() => (finished = true));
    while (!finished) {
      const issue = await jit.get(id);
      expect(issue?.title).toBe(issue?.description);
      await new Promise(setImmediate);
    }
    await all;
  });

  it("test_concurrent_dependency_operations: no edge is lost, none comes back, and there is no cycle", async () => {
    const { jit, directory, id } = await repository();
    await ended([1, 2].map(() => new Program("jit-document.ts", directory, "link", id, "12")));
    const { dependencies = [] } = (await jit.get(id)) ?? {};
    expect([dependencies.length, new Set(dependencies).size]).toEqual([12, 12]);
    await expect(jit.addDependency(dependencies[0] ?? "", id)).rejects.toMatchObject({
      code: "ERR_DEPENDENCY_CYCLE",
    });
  });
});
