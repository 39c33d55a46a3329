import { describe, expect, it } from "vitest";
import { openTodo2, openTodo2State, type Todo2 } from "../../src/todo2.ts";
import { FakeClock } from "../claims/fake-clock.ts";
import { Program, temporaryDirectory } from "../support/surroundings.ts";

async function start(
  kind: string,
  tasks: number,
  clock?: FakeClock,
): Promise<{ directory: string; todo2: Todo2 }> {
  const directory = temporaryDirectory();
  const todo2 = kind === "database" ? openTodo2(directory, { clock }) : openTodo2State(directory, { clock });
  if ("migrate" in todo2) await (todo2 as ReturnType<typeof openTodo2>).migrate();
  await Promise.all(Array.from({ length: tasks }, (_, at) => todo2.create({ content: `Task ${at}` })));
  return { directory, todo2 };
}

describe.each(["database", "state file"])("agents on exarp's %s", (kind) => {
  // The first of the integration tests that exarp's document lists, concurrent task claims: TestTaskLocking.
  it("P1: three processes share out twenty tasks, each to exactly one", async () => {
    const { directory, todo2 } = await start(kind, 20);
    const agents = ["a", "b", "c"];
    const programs = agents.map((agent) => new Program("claim-todo2.ts", directory, kind, agent));
    expect(await Promise.all(programs.map((program) => program.exit()))).toEqual([0, 0, 0]);
    const shares = programs.map((program) => program.messages[0] as string[]);
    expect(shares.flat().length).toBe(20);
    expect(new Set(shares.flat()).size).toBe(20);
    for (const task of await todo2.list()) {
      expect(task).toMatchObject({ status: "Done", completed: true });
      expect(shares[agents.indexOf(task.assigned_to ?? "")]).toContain(task.id);
    }
    await todo2.close();
  });

  // The second: lease expiration.
  it("P2: an agent killed while it holds a task leaves nothing stuck once its lease is over", async () => {
    const clock = new FakeClock();
    const { directory, todo2 } = await start(kind, 1);
    const program = new Program("claim-todo2.ts", directory, kind, "killed", "hang");
    expect(await program.message()).toBe("T-1");
    await program.kill();
    expect(await todo2.claimTaskForAgent("T-1", "other")).toMatchObject({
      success: false,
      wasLocked: true,
      lockedBy: "killed",
    });
    clock.pass(Date.now() - clock.now() + 61_000);
    const later =
      kind === "database" ? openTodo2(directory, { clock }) : openTodo2State(directory, { clock });
    expect((await later.detectStaleLocks()).expired).toBe(1);
    expect(await later.cleanupExpiredLocks()).toBe(1);
    expect(await later.get("T-1")).toMatchObject({ status: "Todo" });
    expect(await later.claimTaskForAgent("T-1", "other")).toMatchObject({ success: true });
    await Promise.all([todo2.close(), later.close()]);
  });
});
