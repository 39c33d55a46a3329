/** Every command of the CLI on stores, paths and arguments that would obey themselves on a terminal. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openTasks } from "@flockwork/tasks";
import { openQueue } from "../../../packages/queue/src/index.ts";
import { openTimeTracking } from "../../../packages/time-tracking/src/index.ts";
import { fileStore } from "../harness/core.ts";

/** In the name of a file: colours, a link (OSC 8), the clipboard (OSC 52), the title, C1, a bell, what goes back, bidi controls. */
export const evilName =
  "\u001B[31m\u001B]8;;evil:x\u0007\u001B]52;c;ZXZpbA==\u001B\\\u009B2J\u009D0;t\u009C\b\r\u007F\u202E\u2066";

/** What begins a line of its own must not look like one of ours. */
export const forged = "forged";
export const evilText = `${evilName}\n${forged}`;

/** One run of `flockwork`, in a directory of which the name is evil, too. */
export interface TerminalLine {
  /** With `--directory` where the command has a store. */
  readonly args: readonly string[];
  /** Whether it is run while another process, whose name is evil, holds the lock of `held`. */
  readonly whileHeld?: true;
  /** What it says has nothing of anybody else's in it. */
  readonly saysNothing?: true;
}

const held = `held${evilName}.json`;
const locked = `${held}.lock`;
export const lockOfHeld = locked;

const id = "bd-1";
const taskId = `1${evilText}`;
const heldTask = `held${evilText}`;
/** Ids of times have no control characters, and may have these. */
const turned = "\u202E\u2066";

/** @param ours - Those that are answered in our own words alone. */
function storeLines(
  command: string,
  all: readonly (readonly string[])[],
  ours: readonly (readonly string[])[],
): TerminalLine[] {
  return [
    ...all.map((args) => ({ args: [command, ...args] })),
    ...ours.map((args) => ({ args: [command, ...args], saysNothing: true as const })),
  ];
}

const plainJson = `d${evilName}.json`;
const log = `l${evilName}.jsonl`;

/** Each verb at least once: with what it finds, and with what it does not. */
export const terminalLines: readonly TerminalLine[] = [
  { args: ["ls", "."], whileHeld: true },
  { args: ["ls", `none${evilText}`] },
  { args: ["inspect", held], whileHeld: true },
  { args: ["exec", "-n", held, "--", "true"], whileHeld: true },
  { args: ["exec", plainJson, "--", `./none${evilText}`] },
  { args: ["exec", "--conflict-exit-code", evilText, plainJson, "--", "true"], saysNothing: true },
  { args: ["json-edit", plainJson, ".count += 1"] },
  { args: ["json-edit", `none${evilName}`, ".a = 1"] },
  { args: ["json-edit", plainJson, `.a = ${evilText}`] },
  { args: ["json-edit", plainJson, `.[${JSON.stringify(evilText)}].b = 1`] },
  { args: ["json-edit", `damaged${evilName}.json`, ".a = 1"] },
  { args: ["json-edit", `interrupted${evilName}.json`, ".a = 1"] }, // which Node itself tells, as a warning
  { args: ["append", log, "{}"] },
  { args: ["append", log, evilText] },
  { args: ["append", "-l", evilText, log, "{}"], saysNothing: true },
  { args: ["clean", "cleaned"] },
  { args: ["clean", `none${evilText}`] },
  { args: ["pin", "pinned", `p${evilName}`], saysNothing: true },
  { args: ["pin", `none${evilName}`, "p"] },
  { args: ["doctor", "sources"] },
  { args: ["doctor", plainJson] },
  ...storeLines(
    "beads",
    [
      ["list"],
      ["ready"],
      ["show", id],
      ["show", `none${evilText}`],
      ["claim", id, "--actor", evilText],
      ["close", id, "--reason", evilText],
      ["close", `none${evilText}`],
      ["list", "--directory", `bad${evilName}`],
      ["list", "--priority", evilText],
    ],
    [
      ["list", evilText],
      ["create", evilText],
      ["claim", "--actor", `b${evilText}`],
    ],
  ),
  ...storeLines(
    "queue",
    [
      ["add", evilText],
      ["list"],
      ["show", `none${evilText}`],
      ["dead"],
      ["work", "--", `./none${evilText}`],
      ["redrive", `dead${evilText}`],
      ["redrive", `none${evilText}`],
      ["cancel", `waiting${evilText}`],
      ["cancel", `none${evilText}`],
    ],
    [["add", JSON.stringify({ [evilText]: evilText }), "--key", evilText], ["list", evilText], ["stats"]],
  ),
  ...storeLines(
    "tasks",
    [
      ["list"],
      ["ready"],
      ["show", taskId],
      ["show", `none${evilText}`],
      ["status", taskId, "completed"],
      ["claim", taskId, "--holder", evilText],
      ["claim", heldTask],
      ["release", heldTask, "--holder", evilText, "--token", "7"],
    ],
    [
      ["create", evilText],
      ["create", "t", "--priority", evilText],
      ["status", taskId, evilText],
      ["release", taskId, "--token", evilText],
    ],
  ),
  ...storeLines(
    "time",
    [
      ["start", turned, "--actor", turned],
      ["status"],
      ["pause", "--actor", `none${turned}`],
      ["resume", "--actor", `none${turned}`],
      ["stop", "--actor", `none${turned}`],
      ["entries"],
      ["report"],
    ],
    [
      ["start", evilText],
      ["report", "--from", evilText],
    ],
  ),
  ...storeLines(
    "registry",
    [
      ["machines"],
      ["add", "m", "--type", evilText, "--host", "h"],
      ["remove", evilText],
      ["agents"],
      ["agents", evilText],
    ],
    [["add", evilText, "--host", evilText], ["why-dead", `town/x${evilText}`], ["sweep"]],
  ),
  { args: [evilText] },
  { args: ["help", evilText], saysNothing: true },
  { args: ["ls", `--${evilText}`] },
  { args: ["completions", evilText], saysNothing: true },
  { args: ["beads", evilText], saysNothing: true },
];

/** Everything the lines above find. */
export async function prepareEvil(directory: string): Promise<void> {
  const at = (...names: string[]): string => join(directory, ...names);
  const put = (text: string, ...names: string[]): void => writeFileSync(at(...names), text);
  mkdirSync(directory);
  for (const name of ["cleaned", "pinned", "sources", ".beads", ".flowforge", `bad${evilName}`])
    mkdirSync(at(name));
  put("{}", held);
  put("", locked);
  put('{"count":1}', plainJson);
  put("{}\n", log);
  put(`{"a": ${evilText}`, `damaged${evilName}.json`);
  put("", "cleaned", `c${evilName}.lock`);
  putInterrupted(directory, `interrupted${evilName}.json`);
  putSources(put);
  const issue = { title: evilText, status: "open", priority: 2, issue_type: "task", assignee: evilText };
  const dates = { created_at: "2026-01-02T03:04:05Z", updated_at: "2026-01-02T03:04:05Z" };
  put(`${JSON.stringify({ id, ...issue, ...dates })}\n`, ".beads", "issues.jsonl");
  put(`{"id": ${evilText}}\n{}\n`, `bad${evilName}`, "issues.jsonl");
  const task = { title: evilText, status: "pending", priority: evilText, assignee: evilText };
  put(
    JSON.stringify({
      tasks: [
        { id: taskId, ...task },
        { id: heldTask, ...task },
      ],
    }),
    ".flowforge",
    "tasks.json",
  );
  await openTasks(directory).claims.claim(heldTask, { holder: "agent-x", leaseMs: 600_000, keep: false });
  const tasks = at(".flowforge", "tasks.json");
  writeFileSync(tasks, readFileSync(tasks, "utf8").replaceAll('"agent-x"', JSON.stringify(evilText)));
  const machine = { name: evilText, type: evilText, host: evilText };
  put(JSON.stringify({ version: 1, machines: { [evilText]: machine } }), "machines.json");
  put(JSON.stringify({ [`town/x${evilText}`]: { status: evilText, updatedAt: evilText } }), "registry.json");
  await putJobs(directory);
  await putTimes(directory);
}

/** Of a commit of several files, with a record that cannot be read. */
function putInterrupted(directory: string, name: string): void {
  const digits = "0".repeat(32);
  writeFileSync(join(directory, name), "{}");
  writeFileSync(join(directory, `.${digits}.intent`), "damaged");
  writeFileSync(join(directory, `.${name}.${digits}.staged`), "{}");
  symlinkSync(`.${digits}.intent`, join(directory, `.${name}.intent`));
}

function putSources(put: (text: string, ...names: string[]) => void): void {
  const path = JSON.stringify(`state${evilText}.json`);
  const change = `const all = JSON.parse(fs.readFileSync(${path}, "utf8")); all.n += 1; fs.writeFileSync(${path}, JSON.stringify(all));`;
  put(`import fs from "node:fs";\nexport function add() { ${change} }\n`, "sources", `s${evilName}.js`);
  put(`const a = ${evilText}`, "sources", `broken${evilName}.js`);
  put(`{"a":1}\n${evilText}\n`, "sources", `log${evilName}.jsonl`);
}

async function putJobs(directory: string): Promise<void> {
  const queue = openQueue(fileStore(directory));
  try {
    await queue.enqueue({ [evilText]: evilText }, { id: `dead${evilText}`, maxAttempts: 1 });
    const [claim] = await queue.claim();
    await claim?.fail(new Error(evilText));
    await queue.enqueue(evilText, { id: `waiting${evilText}` });
  } finally {
    await queue.close();
  }
}

async function putTimes(directory: string): Promise<void> {
  const time = openTimeTracking(directory, { timeZone: "UTC" });
  const taskId = `t${turned}`;
  await time.add({
    taskId,
    actorId: turned,
    startedAt: "2026-03-02T09:00:00Z",
    endedAt: "2026-03-02T10:00:00Z",
  });
  await time.start({ taskId, actorId: turned });
  await time.start({ taskId, actorId: `p${turned}` });
  await time.pause({ actorId: `p${turned}` });
}
