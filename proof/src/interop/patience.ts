/**
 * Most tools do not wait in the kernel's queue: they look again and again, and give up after a time. Beside ours that never
 * pause, each still comes in before it does.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findCommand } from "../harness/commands.ts";
import type { LayoutName } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { gastownLock, peerSource, skipAbsent } from "./neighbour.ts";

interface Tool {
  readonly name: string;
  readonly layout: LayoutName;
  readonly data: string;
  readonly furniture?: readonly string[];
  readonly lock: string;
  /** Its pauses between looks in milliseconds, the last one for all that follow, and how long it goes on. */
  readonly pausesMs: readonly number[];
  readonly givesUpAfterMs: number;
}

const tools: readonly Tool[] = [
  {
    name: "jit",
    layout: "jit",
    data: "issues/i1.json",
    furniture: ["index.json"],
    lock: ".index.lock",
    pausesMs: [10],
    givesUpAfterMs: 5_000,
  },
  {
    name: "exarp-go",
    layout: "todo2",
    data: "state.todo2.json",
    lock: "state.todo2.json.lock",
    pausesMs: [50],
    givesUpAfterMs: 60_000,
  },
  {
    name: "bd",
    layout: "beads",
    data: "issues.jsonl",
    furniture: ["beads.db"],
    lock: ".jsonl.lock",
    pausesMs: [50],
    givesUpAfterMs: 30_000,
  },
  {
    name: "Gas Town's fork",
    layout: "gastown",
    data: "state.json",
    furniture: [gastownLock("state.json")],
    lock: gastownLock("state.json"),
    pausesMs: [10, 10, 10, 10, 10, 50, 50, 50, 50, 50, 100],
    givesUpAfterMs: 30_000,
  },
];

/** @param times - How often each of them takes the lock. */
export async function patience({ tally, say }: PartContext, times: number, only?: string): Promise<void> {
  const python = findCommand("python3");
  for (const tool of tools.filter(({ name }) => only === undefined || name === only)) {
    const what = `P13: ${tool.name}, which looks now and then, comes in beside ours that never pause`;
    if (python === undefined) {
      skipAbsent(tally, what, "python3 is not installed");
      continue;
    }
    await tally.check(what, () =>
      withTemporaryDirectory(async (directory) => {
        const worst = await worstWait(tool, directory, python, times);
        tally.highest(`worst_wait_ms_of_${tool.name.split(/\W/)[0]}`, worst);
        say(`${tool.name} waited for ${worst} ms at worst, and would for ${tool.givesUpAfterMs}`);
      }),
    );
  }
}

async function worstWait(tool: Tool, directory: string, python: string, times: number): Promise<number> {
  const [data, lock, counter] = [tool.data, tool.lock, "counter"].map((name) => join(directory, name));
  for (const name of [tool.data, ...(tool.furniture ?? [])]) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), "");
  }
  writeFileSync(counter ?? "", "0");
  const ours = [0, 1].map(() =>
    Program.node(new URL("ours.ts", import.meta.url), ["count", data ?? "", counter ?? "", "1e9"], {
      env: { PROOF_LAYOUT: tool.layout },
    }),
  );
  const looks = [lock ?? "", counter ?? "", times, tool.givesUpAfterMs, ...tool.pausesMs].map(String);
  const theirs = new Program(python, [peerSource("looker.py"), ...looks]);
  try {
    for (const program of ours) await program.expect("ready");
    for (const program of ours) program.tell("go");
    await theirs.finish();
    return Math.round(Number((await theirs.line()).replace("worst ", "")));
  } finally {
    for (const program of [...ours, theirs]) program.kill();
  }
}
