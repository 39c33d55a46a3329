/** What must not become slower. */
export interface HotPath {
  readonly name: string;
  /** The package of ours that it is of. */
  readonly package: string;
  /** It is the import of this, by a process that has done nothing before. Undefined: calls, one after the other. */
  readonly imports?: string;
  /** It waits for the disk, and the clock would measure that. */
  readonly waitsForDisk?: true;
  /** Another process takes turns with it: what its calls are made of is chance, so that only its times are compared. */
  readonly takesTurns?: true;
}

export const hotPaths: readonly HotPath[] = [
  { name: "lock, sync", package: "core" },
  { name: "lock", package: "core" },
  { name: "32 callers", package: "core" },
  { name: "hand-over", package: "core", takesTurns: true },
  { name: "cached read", package: "core" },
  { name: "update", package: "core" },
  { name: "append", package: "core" },
  { name: "transact", package: "core" },
  { name: "issue", package: "beads" },
  { name: "job", package: "queue" },
  { name: "machine", package: "registry" },
  { name: "task", package: "tasks", waitsForDisk: true },
  { name: "start and stop", package: "time-tracking" },
  { name: "import core", package: "core", imports: "@flockwork/core" },
  { name: "import fs", package: "core", imports: "@flockwork/core/fs" },
  { name: "import beads", package: "beads", imports: "@flockwork/beads" },
  { name: "import queue", package: "queue", imports: "@flockwork/queue" },
  { name: "import registry", package: "registry", imports: "@flockwork/registry" },
  { name: "import tasks", package: "tasks", imports: "@flockwork/tasks" },
  { name: "import time-tracking", package: "time-tracking", imports: "@flockwork/time-tracking" },
];
