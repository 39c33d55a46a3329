import type { Target } from "../target.ts";
import { beadsTargets } from "./beads-targets.ts";
import { cliTargets } from "./cli-targets.ts";
import { coreTargets } from "./core-targets.ts";
import { queueTargets } from "./queue-targets.ts";
import { registryTargets } from "./registry-targets.ts";
import { tasksTargets } from "./tasks-targets.ts";
import { timeTargets } from "./time-targets.ts";

export const allTargets: readonly Target[] = [
  ...coreTargets,
  ...beadsTargets,
  ...tasksTargets,
  ...timeTargets,
  ...registryTargets,
  ...queueTargets,
  ...cliTargets,
];
