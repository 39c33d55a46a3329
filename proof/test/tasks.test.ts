import { test } from "vitest";
import { killedAgents } from "../src/tasks/killed-agents.ts";
import { oldScripts } from "../src/tasks/old-scripts.ts";
import { taskSizes } from "../src/tasks/tasks.ts";
import { examine } from "./support/examine.ts";

const { updates, kills } = taskSizes.test;

test("P1: old FlowForge scripts and ours, a few updates of each, lose nothing of each other", (context) =>
  examine(context, (part) => oldScripts(part, updates)).then(() => undefined));

test("P2, P3, P7: a few agents that are killed on each kind of store leave no task stuck", (context) =>
  examine(context, (part) => killedAgents(part, kills)).then(() => undefined));
