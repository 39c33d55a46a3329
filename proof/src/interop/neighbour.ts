/** What a program that shares files by a lock of its own is like, and how it is made ready. */
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findCommand, runCommand } from "../harness/commands.ts";
import type { BackendName, LayoutName } from "../harness/core.ts";
import type { Tally } from "../harness/tally.ts";

/** A program that shares files by a lock of its own. */
export interface Neighbour {
  readonly name: string;
  /** How Flockwork must be told to lock beside it. */
  readonly layout: LayoutName;
  readonly backend?: BackendName;
  /** Whether it knows shared locks. */
  readonly shares: boolean;
  /** Where a lock does not die with its holder but stays until somebody judges it stale. */
  readonly staleness?: Staleness;
  /** Its pause where it tries again and again instead of waiting in the kernel's queue, in milliseconds. */
  readonly pollMs?: number;
  /** Set where ours, too, tries again and again beside it. */
  readonly oursPolls?: true;
  /** Set where it takes long to start, and says that it is going to ask. */
  readonly announces?: true;
  /** What it can do beside holding and trying. */
  readonly updates: readonly UpdateKind[];
  /** The data file both sides share, where its name decides about its lock. Default: `data`. */
  readonly data?: string;
  /** Other files that must be there. */
  readonly furniture?: readonly string[];
  /** Its lock directory is pinned, and nobody who uses it is root. */
  readonly pinned?: true;
  /** Another name of a lock that a row shows in full: whether it excludes is all that is asked of it. */
  readonly brief?: true;
  /** What it calls the lock of a data file. */
  lockOf(data: string): string;
  /** Makes it ready, in `directory`. Its command, or why it cannot be had here. */
  prepare(directory: string): readonly string[] | string;
}

/** After how many milliseconds a dead holder's lock is taken for stale, by its rules and by ours. */
export interface Staleness {
  /** Infinity: never; the next of ours removes it. */
  readonly oursAfterMs: number;
  readonly theirsAfterMs: number;
}

/** What both sides do under the lock: add to a counter, append a line, change a JSON map. */
export type UpdateKind = "count" | "append" | "map";

/** What needs a neighbour that cannot be had: skipped, or a failure where somebody counts on all of them. */
export function skipAbsent(tally: Tally, what: string, why: string, cases = 1): void {
  if (process.env["FLOCKWORK_PROOF_ALL_PEERS"] === "1") tally.fail(what, why);
  else tally.skip(what, why, cases);
}

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

/** The Rust peer. */
export function compileRust(directory: string): readonly string[] | string {
  const command = join(directory, "flock-rust");
  return compile("rustc", ["--edition=2021", "-O", "-o", command, peerSource("flock.rs")]) ?? [command];
}

/** A Go peer from its file and what all Go peers share. Debian puts gofrs/flock into /usr/share/gocode. */
export function compileGo(directory: string, file: string): readonly string[] | string {
  const command = join(directory, basename(file, ".go"));
  const env = { GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOCACHE: join(directory, "go-cache") };
  const sources = [peerSource(file), peerSource("updates.go")];
  return compile("go", ["build", "-o", command, ...sources], env) ?? [command];
}

export const gastownLock = (data: string): string =>
  join(dirname(data), ".gastown", "locks", `${basename(data)}.lock`);
