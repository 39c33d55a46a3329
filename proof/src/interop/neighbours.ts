import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { basename, dirname, join } from "node:path";
import type { BackendName, LayoutName } from "../harness/core.ts";
import { findCommand, runCommand } from "../harness/commands.ts";

/** A program that shares files by a lock of its own. */
export interface Neighbour {
  readonly name: string;
  /** How Flockwork must be told to lock beside it. */
  readonly layout: LayoutName;
  readonly backend?: BackendName;
  /** Whether it knows shared locks. */
  readonly shares: boolean;
  /** `kernel`: a lock dies with its holder. `existence`: it stays until somebody judges it stale. */
  readonly kind: "kernel" | "existence";
  /** Set where it tries again and again instead of waiting in the kernel's queue. */
  readonly polls?: boolean;
  /** What it can do beside holding and trying. */
  readonly updates: readonly UpdateKind[];
  /** The data file both sides share, where its name decides about its lock. Default: `data`. */
  readonly data?: string;
  /** Other files that must be there. */
  readonly furniture?: readonly string[];
  /** What it calls the lock of a data file. */
  lockOf(data: string): string;
  /** Makes it ready, in `directory`. Its command, or why it cannot be had here. */
  prepare(directory: string): readonly string[] | string;
}

/** What both sides do under the lock: add to a counter, append a line, change a JSON map. */
export type UpdateKind = "count" | "append" | "map";

const allUpdates = ["count", "append", "map"] as const;

/** The path of a peer's source. */
export function peerSource(name: string): string {
  return fileURLToPath(new URL(`peers/${name}`, import.meta.url));
}

/** Compiles a peer. Undefined: `command` is now there. Otherwise why not. */
export function compile(
  compiler: string,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): string | undefined {
  if (findCommand(compiler) === undefined) return `${compiler} is not installed`;
  const failure = runCommand(compiler, args, env === undefined ? {} : { env });
  return failure === undefined ? undefined : `${compiler} cannot compile it: ${failure.split("\n")[0]}`;
}

/** A Go peer from its file and what all Go peers share. Debian puts gofrs/flock into /usr/share/gocode. */
export function compileGo(directory: string, file: string): readonly string[] | string {
  const command = join(directory, basename(file, ".go"));
  const env = { GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOCACHE: join(directory, "go-cache") };
  const sources = [peerSource(file), peerSource("updates.go")];
  return compile("go", ["build", "-o", command, ...sources], env) ?? [command];
}

const beside = (data: string): string => `${data}.lock`;
const kernel = {
  layout: "sidecar",
  kind: "kernel",
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

export const gastownLock = (data: string): string =>
  join(dirname(data), ".gastown", "locks", `${basename(data)}.lock`);

const rust: Neighbour = {
  ...kernel,
  name: "Rust File::lock",
  prepare(directory) {
    const command = join(directory, "flock-rust");
    const args = ["--edition=2021", "-O", "-o", command, peerSource("flock.rs")];
    return compile("rustc", args) ?? [command];
  },
};
const gofrs: Neighbour = {
  ...kernel,
  name: "Go gofrs/flock",
  prepare: (directory) => compileGo(directory, "gofrs.go"),
};

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
  { ...kernel, name: "Python fcntl.flock", prepare: interpreted("python3", "flock.py") },
  { ...kernel, name: "Python filelock", shares: false, polls: true, prepare: pythonWithFilelock },
  { ...kernel, name: "shell flock(1)", prepare: interpreted("sh", "flock.sh", "flock") },
  {
    name: "shell mkdir lock",
    layout: "flowforge",
    kind: "existence",
    shares: false,
    updates: allUpdates,
    lockOf: beside,
    prepare: interpreted("sh", "mkdir.sh"),
  },
  {
    name: "Node FlowForge JSON lock",
    layout: "flowforge",
    kind: "existence",
    shares: false,
    updates: allUpdates,
    lockOf: (data) => join(dirname(data), ".flowforge", ".locks", `${basename(data)}.lock`),
    prepare: () => [process.execPath, peerSource("flowforge-peer.mjs")],
  },
  {
    name: "Node proper-lockfile",
    layout: "sidecar",
    backend: "proper-lockfile",
    kind: "existence",
    shares: false,
    updates: allUpdates,
    lockOf: (data) => data,
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
  {
    ...gofrs,
    name: "Go gofrs/flock, as exarp-go locks todo2.json",
    layout: "todo2",
    data: "state.todo2.json",
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
];
