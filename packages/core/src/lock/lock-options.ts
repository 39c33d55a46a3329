import { checkDuration, checkOptions, type WaitOptions } from "../options.ts";
import { defaultTimeoutMs } from "./adaptive-timeout.ts";
import { beads } from "./beads-layout.ts";
import { namedLayouts, sidecar, type LayoutName, type LockLayout, type LockPlan } from "./lock-layout.ts";

/** Which mechanism holds the lock. A property of the file that all its programs must share; never switched silently. */
export type BackendName = "flock" | "proper-lockfile";

/** How a lock is taken. */
export interface LockOptions extends WaitOptions {
  /** Where the lock lives. Default `"sidecar"`: `<file>.lock`. */
  readonly layout?: LockLayout | LayoutName | undefined;
  /** Default `"flock"`. `"proper-lockfile"` is a lease: exclusive only, and it can be lost (`LeaseLostError`). */
  readonly backend?: BackendName | undefined;
  /** Order among waiters of this process: higher goes first. Default 0. No waiter is passed more than 64 times. */
  readonly priority?: number | undefined;
  /** Lock on NFS, SMB, FUSE and 9p too, whose flock may not reach other machines. Default false: `LockUnsupportedError`. */
  readonly allowNetworkFileSystem?: boolean | undefined;
  /** Use a lock file that another user owns. Default false: `UnsafePathError`. */
  readonly allowForeignOwner?: boolean | undefined;
}

/** Options checked and completed once per call. */
export interface ResolvedLockOptions {
  readonly layout: LockLayout;
  readonly backend: BackendName;
  /** Undefined where the caller named none: the layout's own default, then the environment's, applies. */
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly priority: number;
  readonly allowNetworkFileSystem: boolean;
  readonly allowForeignOwner: boolean;
}

const defaults: ResolvedLockOptions = {
  layout: sidecar,
  backend: "flock",
  timeoutMs: undefined,
  signal: undefined,
  priority: 0,
  allowNetworkFileSystem: false,
  allowForeignOwner: false,
};

/** @throws {TypeError | RangeError} naming the option that is wrong. */
export function resolveLockOptions(options: LockOptions | undefined): ResolvedLockOptions {
  if (options === undefined) return defaults;
  checkOptions(options);
  const { timeoutMs, signal, priority = 0, backend = "flock" } = options;
  if (timeoutMs !== undefined) checkDuration("timeoutMs", timeoutMs);
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new TypeError("signal must be an AbortSignal");
  if (!Number.isFinite(priority)) throw new TypeError("priority must be a finite number");
  if (backend !== "flock" && backend !== "proper-lockfile") {
    throw new TypeError(`backend must be "flock" or "proper-lockfile", got ${JSON.stringify(backend)}`);
  }
  return {
    layout: resolveLayout(options.layout),
    backend,
    timeoutMs,
    signal,
    priority,
    allowNetworkFileSystem: options.allowNetworkFileSystem === true,
    allowForeignOwner: options.allowForeignOwner === true,
  };
}

/** The timeout of one acquisition: the caller's, else the default of its lock. */
export function effectiveTimeoutMs(options: ResolvedLockOptions, plan: LockPlan): number {
  return options.timeoutMs ?? defaultTimeoutMs(plan);
}

/** @throws {TypeError} when the name is unknown or the object is no layout. */
export function resolveLayout(layout: LockLayout | LayoutName | undefined): LockLayout {
  if (layout === undefined) return sidecar;
  if (typeof layout === "string") {
    if (layout === "beads") return beads;
    if (Object.hasOwn(namedLayouts, layout)) return namedLayouts[layout];
    throw new TypeError(
      `layout must be one of sidecar, gastown, flowforge, jit, todo2, beads or a LockLayout, got ${JSON.stringify(layout)}`,
    );
  }
  if (
    typeof layout !== "object" ||
    layout === null ||
    typeof layout.locate !== "function" ||
    typeof layout.name !== "string"
  ) {
    throw new TypeError("layout must be a name or an object with name and locate(targetPath)");
  }
  return layout;
}
