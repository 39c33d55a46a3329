/** Task lists between agents that are killed and scripts with locks of their own. The short forms are the package's own tests. */
import type { Part, PartContext } from "../harness/part.ts";
import { killedAgents } from "./killed-agents.ts";
import { oldScripts } from "./old-scripts.ts";

export interface TaskSizes {
  /** Updates of one file: half by an old script, a quarter by each of two of ours. */
  readonly updates: number;
  /** Agents that are killed, on each kind of store. */
  readonly kills: number;
}

export const taskSizes: Readonly<Record<"test" | "short" | "long", TaskSizes>> = {
  test: { updates: 40, kills: 3 },
  short: { updates: 1_000, kills: 30 },
  long: { updates: 10_000, kills: 300 },
};

export const tasks: Part = (context) => runTasks(context, context.long ? taskSizes.long : taskSizes.short);

export async function runTasks(context: PartContext, sizes: TaskSizes): Promise<void> {
  await oldScripts(context, sizes.updates);
  await killedAgents(context, sizes.kills);
}
