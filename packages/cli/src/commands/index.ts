import type { Command } from "../command.ts";
import { beadsCommand } from "../stores/beads.ts";
import { queueCommand } from "../stores/queue.ts";
import { registryCommand } from "../stores/registry.ts";
import { tasksCommand } from "../stores/tasks.ts";
import { timeCommand } from "../stores/time.ts";
import { appendCommand } from "./append.ts";
import { cleanCommand } from "./clean.ts";
import { doctorCommand } from "./doctor.ts";
import { execCommand } from "./exec.ts";
import { inspectCommand } from "./inspect.ts";
import { jsonEditCommand } from "./json-edit.ts";
import { lsCommand } from "./ls.ts";
import { pinCommand } from "./pin.ts";

/** Every subcommand by its name, in the order of the help. */
export const commands: ReadonlyMap<string, Command> = new Map(
  [
    execCommand,
    lsCommand,
    inspectCommand,
    jsonEditCommand,
    appendCommand,
    cleanCommand,
    pinCommand,
    doctorCommand,
    beadsCommand,
    queueCommand,
    tasksCommand,
    timeCommand,
    registryCommand,
  ].map((command) => [command.name, command]),
);
