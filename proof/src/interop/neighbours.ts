/** The programs that Flockwork claims to live with. */
import { existsSync } from "node:fs";
import { dirname, join, basename } from "node:path";
import { findCommand, runCommand } from "../harness/commands.ts";
import { compile, compileGo, compileRust, gastownLock, peerSource, type Neighbour } from "./neighbour.ts";

const allUpdates = ["count", "append", "map"] as const;

const beside = (data: string): string => `${data}.lock`;
const kernel = {
  layout: "sidecar",
  shares: true,
  updates: allUpdates,
  lockOf: beside,
} as const;

function interpreted(interpreter: string, file: string, ...needs: readonly string[]): Neighbour["prepare"] {
  return () => {
    const missing = [interpreter, ...needs].find((command) => findCommand(command) === undefined);
    return missing === undefined ? [interpreter, peerSource(file)] : `${missing} is not installed`;
  };
}

/** Debian's python3-filelock belongs to Debian's python3, which need not be the first on the PATH. */
function pythonWithFilelock(): readonly string[] | string {
  const pythons = ["/usr/bin/python3", findCommand("python3")].filter(
    (path) => path !== undefined && existsSync(path),
  );
  const python = pythons.find(
    (path) => path !== undefined && runCommand(path, ["-c", "import filelock"]) === undefined,
  );
  return python === undefined
    ? "no python3 here has the filelock library"
    : [python, peerSource("filelock-peer.py")];
}

const rust: Neighbour = { ...kernel, name: "Rust File::lock", prepare: compileRust };
const gofrs: Neighbour = {
  ...kernel,
  name: "Go gofrs/flock",
  prepare: (directory) => compileGo(directory, "gofrs.go"),
};

/** jit's locks beside that of an issue, by the file each protects. */
const jitLocks: readonly Neighbour[] = [
  ["index.json", ".index.lock"],
  ["gates.json", ".gates.lock"],
  ["events.jsonl", ".events.lock"],
  ["claims.jsonl", join("locks", "claims.lock")],
].map(([data = "", lock = ""]) => ({
  ...rust,
  name: `Rust File::lock, as jit locks ${data}`,
  layout: "jit",
  brief: true,
  data,
  furniture: [lock],
  lockOf: (path) => join(dirname(path), lock),
}));

export const neighbours: readonly Neighbour[] = [
  {
    ...kernel,
    name: "C flock(2)",
    updates: ["count"],
    prepare(directory) {
      const command = join(directory, "flock-c");
      return compile("gcc", ["-O2", "-o", command, peerSource("flock.c")]) ?? [command];
    },
  },
  gofrs,
  rust,
  {
    ...kernel,
    name: "Go syscall.Flock, as Gas Town's fork locks, pinned",
    layout: "gastown",
    pollMs: 1,
    oursPolls: true,
    pinned: true,
    lockOf: gastownLock,
    prepare: (directory) => compileGo(directory, "gastown.go"),
  },
  { ...kernel, name: "Python fcntl.flock", prepare: interpreted("python3", "flock.py") },
  { ...kernel, name: "Python filelock", shares: false, pollMs: 50, prepare: pythonWithFilelock },
  { ...kernel, name: "shell flock(1)", prepare: interpreted("sh", "flock.sh", "flock") },
  {
    name: "shell mkdir lock",
    layout: "flowforge",
    data: ".flowforge/tasks.json",
    staleness: { oursAfterMs: Infinity, theirsAfterMs: 60_000 },
    shares: false,
    updates: allUpdates,
    lockOf: beside,
    prepare: interpreted("sh", "mkdir.sh"),
  },
  {
    name: "Node FlowForge JSON lock",
    layout: "flowforge",
    data: ".flowforge/tasks.json",
    staleness: { oursAfterMs: 0, theirsAfterMs: 30_000 }, // it asks for the pid alone; we wait for the heartbeat too
    shares: false,
    updates: allUpdates,
    lockOf: (data) => join(dirname(data), ".locks", `${basename(data)}.lock`),
    announces: true,
    prepare: () => [process.execPath, peerSource("flowforge-peer.mjs")],
  },
  {
    name: "Node proper-lockfile",
    layout: "sidecar",
    backend: "proper-lockfile",
    staleness: { oursAfterMs: 10_000, theirsAfterMs: 10_000 },
    shares: false,
    updates: allUpdates,
    lockOf: (data) => data,
    announces: true,
    prepare: () => [process.execPath, peerSource("proper-lockfile-peer.mjs")],
  },
  {
    ...rust,
    name: "Rust File::lock, as jit locks an issue",
    layout: "jit",
    data: "issues/i1.json",
    furniture: ["index.json"],
    lockOf: (data) => data.replace(/\.json$/, ".lock"),
  },
  ...jitLocks,
  {
    ...gofrs,
    name: "Go gofrs/flock, as exarp-go locks todo2.json",
    layout: "todo2",
    data: "state.todo2.json",
  },
  {
    ...kernel,
    name: "Python fcntl.lockf, as exarp-go locked todo2.json until 2026-02-26",
    layout: "todo2",
    oursPolls: true,
    data: "state.todo2.json",
    prepare: interpreted("python3", "lockf.py"),
  },
  {
    ...gofrs,
    name: "Go gofrs/flock, as bd locks issues.jsonl beside beads.db",
    layout: "beads",
    data: "issues.jsonl",
    furniture: ["beads.db"],
    shares: false,
    lockOf: (data) => join(dirname(data), ".sync.lock"),
  },
  {
    ...gofrs,
    name: "Go gofrs/flock, as bd exports issues.jsonl beside beads.db",
    layout: "beads",
    brief: true,
    data: "issues.jsonl",
    furniture: ["beads.db"],
    shares: false,
    lockOf: (data) => join(dirname(data), ".jsonl.lock"),
  },
  {
    ...gofrs,
    name: "Go gofrs/flock, as Gas Town locks issues.jsonl where there is no beads.db",
    layout: "beads",
    brief: true,
    data: "issues.jsonl",
    furniture: [gastownLock("issues.jsonl")],
    oursPolls: true,
    lockOf: gastownLock,
  },
];
