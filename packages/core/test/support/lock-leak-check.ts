import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";

import { listLocks } from "../../src/lock/inspect-lock.ts";
import { lockMetrics } from "../../src/lock/lock-metrics.ts";
import { killPeers, peersRunning } from "./lock-peer.ts";

/** A fresh directory for each test, with a check after it: no lock is held, no process left, no temporary file stays. */
export function useLockSpace(): { readonly directory: string; file(name?: string): string } {
  let directory: string | undefined;
  const space = {
    get directory(): string {
      return (directory ??= realpathSync(mkdtempSync(join(tmpdir(), "flockwork-lock-"))));
    },
    file: (name = "state.json"): string => join(space.directory, name),
  };
  let before = { held: 0, waiting: 0 };
  beforeEach(() => {
    before = lockMetrics();
  });
  afterEach(() => {
    const peers = peersRunning();
    killPeers();
    const left = directory === undefined ? [] : leftovers(directory);
    const locks = directory === undefined ? [] : listLocks(directory).filter(({ held }) => held);
    const after = lockMetrics();
    const held = after.held - before.held;
    const waiting = after.waiting - before.waiting;
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
    directory = undefined;
    expect({ peers, left, locks, held, waiting }).toEqual({
      peers: 0,
      left: [],
      locks: [],
      held: 0,
      waiting: 0,
    });
  });
  return space;
}

/** Files that a lock makes for a moment and must not leave behind. */
function leftovers(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.staged$|\.broken-|\.inside$/.test(name),
  );
}
