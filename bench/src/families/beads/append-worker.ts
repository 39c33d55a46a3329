/** One program of the rows of appends. Each line says who appends, how durably, by how many callers, for how long. */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openBeads } from "@flockwork/beads";
import { loadPeer } from "../../measure/peers.ts";
import { answerLines } from "../../workers/line-server.ts";
import type { ProperLockfile } from "../../workers/proper-lockfile.ts";
import { newIssue } from "./new-issue.ts";

export interface AppendOrder {
  /** Its `.beads` directory is of its own. */
  readonly directory: string;
  readonly who: "ours" | "proper-lockfile" | "no lock";
  readonly durability: "disk" | "os";
  readonly callers: number;
  readonly seconds: number;
  /** No more appends than these. */
  readonly most?: number;
}

export interface Appends {
  readonly appends: number;
  /** Those that were done before the time was over: callers who waited for the lock then get it later. */
  readonly inTime: number;
}

type Append = () => Promise<unknown>;

function appendsOf({ directory, who, durability }: AppendOrder): Append {
  const path = join(directory, "issues.jsonl");
  const appendLine = (): void => {
    const fd = openSync(path, "a");
    writeSync(fd, `${JSON.stringify(newIssue())}\n`);
    if (durability === "disk") fsyncSync(fd);
    closeSync(fd);
  };
  switch (who) {
    case "ours": {
      const beads = openBeads(directory, { durability });
      return () => beads.append(newIssue());
    }
    case "proper-lockfile": {
      const { lock } = loadPeer("proper-lockfile") as ProperLockfile;
      const appendLocked = async (): Promise<void> => {
        const release = await lock(path, {
          retries: { forever: true, minTimeout: 1, maxTimeout: 1, factor: 1 },
        });
        appendLine();
        await release();
      };
      // The callers of a process take turns before they ask for the lock: all of them polling would keep each other from it.
      let turn: Promise<void> = Promise.resolve();
      return () => (turn = turn.then(appendLocked));
    }
    case "no lock":
      return async () => {
        appendLine();
        await new Promise(setImmediate);
      };
  }
}

await answerLines(async (line): Promise<Appends> => {
  const order = JSON.parse(line) as AppendOrder;
  const { most = Infinity } = order;
  const append = appendsOf(order);
  let [appends, inTime] = [0, 0];
  const endAt = performance.now() + order.seconds * 1_000;
  const call = async (): Promise<void> => {
    while (appends < most && performance.now() < endAt) {
      appends += 1;
      await append();
      if (performance.now() < endAt) inTime += 1;
    }
  };
  await Promise.all(Array.from({ length: order.callers }, call));
  return { appends, inTime };
});
