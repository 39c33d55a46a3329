import { mkdirSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";

import { acquireLock } from "../../src/lock/acquire-lock.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";

const space = useLockSpace();
const core = new URL("../../src/index.ts", import.meta.url).href;

it.each(["flowforge", "beads"] as const)(
  "P2: what a terminated worker held in the layout %s, its own process takes over at once",
  async (layout) => {
    mkdirSync(space.file(".beads"));
    writeFileSync(space.file(".beads/beads.db"), "");
    const path = space.file(".beads/issues.jsonl");
    const program = `
      const { acquireLock } = await import(${JSON.stringify(core)});
      const { parentPort } = await import("node:worker_threads");
      await acquireLock(${JSON.stringify(path)}, "exclusive", { layout: ${JSON.stringify(layout)} });
      parentPort.postMessage("held");
      setInterval(() => {}, 1000);`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
    await once(worker, "message");
    await worker.terminate();
    const lock = await acquireLock(path, "exclusive", { layout });
    expect(lock.held).toBe(true);
    lock.assertHeld();
    await lock.release();
  },
);
