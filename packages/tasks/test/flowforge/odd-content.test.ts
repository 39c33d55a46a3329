import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openTasks, type FlowForgeTasks } from "../../src/index.ts";
import { providerBridge } from "../../src/flowforge.ts";
import { place, temporaryDirectory } from "../support/surroundings.ts";

/** What `String()`, templates and arithmetic throw for. */
const evil = { valueOf: 1, toString: 1 };
const format = { code: "ERR_TASK_FORMAT" };

interface Project {
  readonly tasks: FlowForgeTasks;
  readonly directory: string;
  readonly text: () => string;
  readonly content: () => Record<string, unknown>;
}

function project(content: unknown): Project {
  const directory = temporaryDirectory();
  const path = place(directory, ".flowforge/tasks.json", content);
  const text = (): string => readFileSync(path, "utf8");
  return {
    tasks: openTasks(directory),
    directory,
    text,
    content: () => JSON.parse(text()) as Record<string, unknown>,
  };
}

describe("tasks of which a script has made anything", () => {
  it.each(["constructor", "__proto__", "toString"])(
    "a status %s is an unknown one, which leads anywhere",
    async (status) => {
      const { tasks } = project({
        tasks: [
          { id: 1, status },
          { id: 2, status },
        ],
      });
      expect((await tasks.setStatus(1, "pending")).task.status).toBe("pending");
      expect((await tasks.update(2, { status: "completed" })).task.status).toBe("completed");
    },
  );

  it("dependencies that are null are none, and can be added to and taken from", async () => {
    const { tasks } = project({
      tasks: [{ id: 1, dependencies: null }, { id: 2, dependencies: null }, { id: 3 }],
    });
    await tasks.removeDependency(2, 3);
    expect((await tasks.addDependency(1, 3)).task.dependencies).toEqual([3]);
    expect((await tasks.removeDependency(1, 3)).task.dependencies).toEqual([]);
  });

  it("a new small step gets the next whole number, whatever the others have for an id", async () => {
    const odd = [evil, null, true, ["9"], 1e300, "1e999", 4.5, "7", 3].map((id) => ({ id, title: "s" }));
    const { tasks } = project({
      tasks: [
        { id: 1, microtasks: odd },
        { id: 2, microtasks: [{ id: evil }] },
      ],
    });
    const { task } = await tasks.addMicrotask(1, "new");
    expect(task.microtasks).toEqual([...odd, { id: 8, title: "new", completed: false }]);
    expect((await tasks.addMicrotask(2, "new")).task.microtasks?.at(-1)).toMatchObject({ id: 1 });
  });

  it("one odd task keeps the provider bridge from none of the others, and is shown as it stands", async () => {
    const { directory } = project({
      tasks: [
        { id: 1, title: evil, description: evil, status: evil },
        { id: 2, title: "Write it down", status: "pending" },
        { id: 3, title: null, status: "completed" },
      ],
    });
    const shown = JSON.stringify(evil);
    const says = async (...args: readonly string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await providerBridge(args, { directory });
      return `${exitCode} ${stdout}${stderr}`;
    };
    expect(await says("search-tasks", "--query=write", "--format=simple")).toBe("0 2\n");
    expect(await says("search-tasks", "--query=valueof", "--format=simple")).toBe("0 1\n");
    expect(await says("list-tasks", "--format=text")).toBe(
      `0 #1: ${shown} [${shown}]\n#2: Write it down [pending]\n#3:  [completed]\n`,
    );
    expect(await says("verify-task", "--id=1")).toBe(`0 ${shown}\n`);
    const next = project({ tasks: [{ id: 1, title: evil }] });
    expect(
      (await providerBridge(["get-next-task", "--format=text"], { directory: next.directory })).stdout,
    ).toContain(`Next task: #1 - ${shown}\n`);
  });
});

describe("milestones of which a script has made anything", () => {
  it("a current milestone that is only a name stays, and its fields come into the milestones", async () => {
    const { tasks, content } = project({ tasks: [], current_milestone: "M1" });
    expect(await tasks.setMilestone("M1", { status: "x" })).toEqual({ key: "M1", status: "x" });
    expect(content()).toEqual({ tasks: [], current_milestone: "M1", milestones: { M1: { status: "x" } } });
    expect(await tasks.currentMilestone()).toEqual({ key: "M1", status: "x" });
  });

  it("milestones that are null leave the current one where it is", async () => {
    const current = { name: "M1", total: 4 };
    const { tasks, content } = project({ tasks: [], milestones: null, current_milestone: current });
    expect(await tasks.setMilestone("M1", { completed: 2 })).toMatchObject({ completed: 2, total: 4 });
    expect(content()["current_milestone"]).toEqual({ ...current, completed: 2 });
  });

  it.each<readonly [unknown]>([[["a"]], [[]], ["v1"], [5]])(
    "a milestone that is %j is not replaced by what is to be set in it",
    async (entry) => {
      const { tasks, text } = project({ tasks: [], milestones: { M1: entry, M2: null } });
      const before = text();
      await expect(tasks.setMilestone("M1", { status: "x" })).rejects.toMatchObject(format);
      expect(text()).toBe(before);
      expect(await tasks.milestones()).toEqual([{ key: "M1" }, { key: "M2" }]);
      expect(await tasks.setMilestone("M2", { status: "x" })).toEqual({ key: "M2", status: "x" });
    },
  );

  it.each(["null", "[]", "5", '"M1"', '{"current":null}', '{"current":{"name":{}}}'])(
    "a milestones.json that is %s names none",
    async (text) => {
      const { tasks, directory } = project({ tasks: [] });
      place(directory, ".flowforge/milestones.json", text);
      expect(await tasks.currentMilestone()).toBeUndefined();
    },
  );
});

describe("claims of which a script has made anything", () => {
  const at = "2026-01-01T00:00:00.000Z";
  const until = new Date(Date.now() + 60_000_000).toISOString();
  const lease = {
    holder: "me",
    token: "5",
    acquiredAt: at,
    renewedAt: at,
    expiresAt: until,
    leaseMs: 1_000,
    graceMs: 0,
  };
  const proof = { holder: "me", token: "5" };

  it.each([
    ["leaseMs", 0],
    ["token", 5],
  ])("a claim whose %s is %s counts as none: it stays, and the task can be claimed", async (field, value) => {
    const { tasks, text } = project({ tasks: [{ id: 1, claim: { ...lease, [field]: value } }] });
    const before = text();
    await expect(tasks.claims.renew(1, proof)).rejects.toMatchObject({ code: "ERR_LEASE_LOST" });
    expect(await tasks.claims.list({ expired: true })).toEqual([]);
    expect(text()).toBe(before);
    expect(await tasks.claims.claim(1, { holder: "you", keep: false })).toMatchObject({ granted: true });
  });
});
