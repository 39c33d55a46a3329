// Agents that share a backlog: each takes what is most urgent until nothing is left, and no task is begun twice.
//   ./dev node --conditions=@flockwork/source examples/agents-backlog.ts [--race]
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openTasks } from "@flockwork/tasks";
import { original } from "./agents-backlog.original.ts";
import { sideBySide } from "./side-by-side/side-by-side.ts";

const count = 40;

await sideBySide({
  file: import.meta.filename,
  prepare(directory) {
    const tasks = Array.from({ length: count }, (_, at) => ({
      id: at + 1,
      title: `Task ${at + 1}`,
      status: "pending",
    }));
    mkdirSync(join(directory, ".flowforge"));
    writeFileSync(
      join(directory, ".flowforge/tasks.json"),
      JSON.stringify({ version: "2.0.0", tasks }, null, 2),
    );
  },
  original,
  async flockwork(directory, { id, tell }) {
    const tasks = openTasks(directory);
    for (;;) {
      const claim = await tasks.claims.claimNext({ holder: `agent-${id}`, leaseMs: 600_000 });
      if (claim === undefined) return;
      await tasks.update(claim.taskId, { status: "completed" }, { claim }); // refused, had it been lost meanwhile
      await claim.release();
      tell(`${claim.taskId} agent-${id}`);
    }
  },
  faults(directory, told) {
    const text = readFileSync(join(directory, ".flowforge/tasks.json"), "utf8");
    const { tasks } = JSON.parse(text) as { tasks: { id: number; status: string }[] };
    return tasks.flatMap(({ id, status }) => {
      const agents = told.filter((line) => line.startsWith(`${id} `)).length;
      if (agents > 1) return [`${agents} agents worked on task ${id}`];
      return agents === 1 && status !== "pending"
        ? []
        : [`task ${id} is ${status}, ${agents} agents worked on it`];
    });
  },
});
