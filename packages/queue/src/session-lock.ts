import { dirname, join } from "node:path";
import type { LockLayout } from "@flockwork/core";

/** One lock for a session, where Gas Town has it. */
export const sessionLock: LockLayout = {
  name: "nudge-queue",
  locate: (target) => ({
    legs: [{ kind: "flock", path: join(dirname(target), ".lock"), fileMode: 0o644, createDirectory: true }],
  }),
};
