import { basename, dirname, join, sep } from "node:path";

/**
 * Where the lock of a data file lives and how it is held, so that a neighbour's programs and ours exclude each other.
 *
 * A lock has one or more legs, taken in order and released in reverse. The first is always a kernel lock (flock):
 * it queues fairly, and the kernel frees it however its holder dies. Existence legs (a JSON file, a directory) follow
 * for neighbours that know nothing else. No flock leg shares a path with an existence leg.
 */
export interface LockLayout {
  /** Shown in errors. */
  readonly name: string;
  /** The answer depends on what lies on the disk now, so it must be asked for at each acquisition. */
  readonly dynamic?: boolean | undefined;
  /** The legs that protect `targetPath`, an absolute path whose directory is resolved. */
  locate(targetPath: string): LockPlan;
}

export interface LockPlan {
  readonly legs: readonly [FlockLegPlan, ...LegPlan[]];
  /** Milliseconds to wait where the call names no timeout; undefined means the usual default. */
  readonly timeoutMs?: number | undefined;
  /** Sentences appended to a timeout error. */
  readonly hints?: readonly string[] | undefined;
}

export type LegPlan = FlockLegPlan | JsonFileLegPlan | DirectoryLegPlan;

/** flock(2) on a file that exists for that alone. */
export interface FlockLegPlan {
  readonly kind: "flock";
  readonly path: string;
  /** Mode of a lock file we create. Default 0o600; neighbours' layouts use what their tools use. */
  readonly fileMode?: number | undefined;
  /** Create the directory of the lock file (0o755) when it is missing. */
  readonly createDirectory?: boolean | undefined;
  /** What the neighbours write into the file while it is held exclusively. */
  readonly contents?: "pid" | undefined;
  /** Also take an fcntl (OFD) lock on the file, for neighbours that use fcntl. Needs the addon. */
  readonly fcntl?: boolean | undefined;
}

/** A JSON file that exists while the lock is held: FlowForge's protocol A (pid, lockId, timestamp, holder, file, heartbeat). */
export interface JsonFileLegPlan {
  readonly kind: "json-file";
  readonly path: string;
  /** The data file, as the neighbours name it inside. */
  readonly file: string;
  readonly heartbeatMs: number;
  readonly staleMs: number;
  readonly format: "flowforge" | "beads";
}

/** A directory that exists while the lock is held, with a `pid` file inside. */
export interface DirectoryLegPlan {
  readonly kind: "directory";
  readonly path: string;
  readonly staleMs: number;
}

export type LayoutName = "sidecar" | "gastown" | "flowforge" | "jit" | "todo2" | "beads";

/** `<file>.lock` beside the data file: flock users in Go, Rust, Python and shell do the same. The default. */
export const sidecar: LockLayout = {
  name: "sidecar",
  locate: (target) => ({ legs: [{ kind: "flock", path: `${target}.lock` }] }),
};

/**
 * Gas Town's `internal/filelock`: `<dir>/.gastown/locks/<base>.lock`, the PID inside, after a lock of our own beside it.
 *
 * Its programs unlink the file after unlocking, and that unlink may come after our check of a grant. Our own lock, which they
 * never touch, keeps Flockwork's programs apart whatever they do; between theirs and ours see `pinLockDirectory`.
 */
export function gastown(options: { readonly lockDirectory?: string | undefined } = {}): LockLayout {
  return { name: "gastown", locate: (target) => ({ legs: gastownLegs(target, options.lockDirectory) }) };
}

export function gastownLegs(
  target: string,
  lockDirectory: string = join(dirname(target), ".gastown", "locks"),
): readonly [FlockLegPlan, FlockLegPlan] {
  const base = join(lockDirectory, basename(target));
  const common = { kind: "flock", fileMode: 0o644, createDirectory: true } as const;
  return [
    { ...common, path: `${base}.flock` },
    { ...common, path: `${base}.lock`, contents: "pid" },
  ];
}

/** FlowForge: our flock, then its JSON lock file and its `mkdir` lock, so that old scripts of either kind are kept out. */
export const flowforge: LockLayout = {
  name: "flowforge",
  locate(target) {
    const locks = join(flowforgeRoot(target), ".locks");
    return {
      legs: [
        {
          kind: "flock",
          path: join(locks, `${basename(target)}.flock`),
          fileMode: 0o644,
          createDirectory: true,
        },
        {
          kind: "json-file",
          path: join(locks, `${basename(target)}.lock`),
          file: target,
          heartbeatMs: 5_000,
          staleMs: 30_000,
          format: "flowforge",
        },
        { kind: "directory", path: `${target}.lock`, staleMs: 60_000 },
      ],
    };
  },
};

/** jit: `.index.lock` before an issue's own lock, `.gates.lock`, `.events.lock`, `locks/claims.lock`; never unlinked. */
export const jit: LockLayout = {
  name: "jit",
  dynamic: true, // the environment may change
  locate(target) {
    const directory = dirname(target);
    const base = basename(target);
    const seconds = Number(process.env["JIT_LOCK_TIMEOUT"] || "5");
    const rest = {
      timeoutMs: (Number.isFinite(seconds) && seconds >= 0 ? seconds : 5) * 1000,
      hints: [
        "Possible causes: (1) another process is using the repository, (2) a process crashed while it was being stopped, (3) the timeout is too short:",
        "check for running jit processes, wait and try again, or raise the timeout: JIT_LOCK_TIMEOUT=10.",
      ],
    };
    const leg = (path: string, createDirectory = false): FlockLegPlan => ({
      kind: "flock",
      path,
      fileMode: 0o644,
      createDirectory,
    });
    if (basename(directory) === "issues" && base.endsWith(".json")) {
      const own = leg(join(directory, `${base.slice(0, -".json".length)}.lock`));
      return { legs: [leg(join(dirname(directory), ".index.lock")), own], ...rest };
    }
    if (base === "claims.jsonl" || base === "claims.index.json") {
      return { legs: [leg(join(directory, "locks", "claims.lock"), true)], ...rest };
    }
    const stem = base.replace(/\.jsonl?$/, "");
    return { legs: [leg(join(directory, `.${stem}.lock`))], ...rest };
  },
};

/** exarp: `<file>.lock`, flock today and fcntl in versions before 2026-02-26; both are taken. */
export const todo2: LockLayout = {
  name: "todo2",
  locate: (target) => ({ legs: [{ kind: "flock", path: `${target}.lock`, fileMode: 0o644, fcntl: true }] }),
};

/** The layouts known by name. */
export const namedLayouts: Readonly<Record<Exclude<LayoutName, "beads">, LockLayout>> = {
  sidecar,
  gastown: gastown(),
  flowforge,
  jit,
  todo2,
};

/** The nearest `.flowforge` above the file, or the one that would stand beside it. */
function flowforgeRoot(target: string): string {
  const parts = target.split(sep);
  const at = parts.lastIndexOf(".flowforge");
  return at > 0 ? parts.slice(0, at + 1).join(sep) : join(dirname(target), ".flowforge");
}
