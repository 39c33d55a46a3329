import { checkFunction } from "../options.ts";
import { LockRequest } from "./acquire-lock.ts";
import { monotonicMs } from "./clock.ts";
import type { FileLock, HeldFileLock } from "./file-lock.ts";
import { runInside } from "./held-locks.ts";
import type { FlockLegPlan, LayoutName, LegPlan, LockLayout } from "./lock-layout.ts";
import type { LockMode } from "./lock-mode.ts";
import { effectiveTimeoutMs, type LockOptions } from "./lock-options.ts";
import { LockView } from "./lock-view.ts";
import { refusePromise, releaseOrWarn } from "./with-lock.ts";

/** One of several files to lock together. */
export interface LockAllItem {
  readonly path: string;
  /** Default `"exclusive"`. */
  readonly mode?: LockMode | undefined;
  /** Where its lock lives. Default: that of the call. */
  readonly layout?: LockLayout | LayoutName | undefined;
}

/**
 * Runs `work` while holding the locks of several files. They are taken in one canonical order, so that two callers
 * that name them differently never wait for each other.
 *
 * @param items - Paths, or paths with modes. A lock that several files share is taken once, in the stronger mode.
 * @param work - Gets the held locks in the order of `items`. They are released when it ends, not before.
 * @param options - `timeoutMs` bounds the whole call.
 * @throws As {@link acquireLock}; then no lock is held and `work` did not run.
 */
export async function lockAll<T>(
  items: readonly (string | LockAllItem)[],
  work: (locks: readonly FileLock[]) => T | Promise<T>,
  options?: LockOptions,
): Promise<T> {
  checkFunction("work", work);
  const groups = groupByFirstLeg(items, options);
  const held: HeldFileLock[] = [];
  try {
    return await acquireFrom(groups, 0, held, options, monotonicMs(), () => work(viewsOf(groups, held)));
  } finally {
    for (const lock of held.toReversed()) releaseOrWarn(lock);
  }
}

/** As {@link lockAll}, blocking this thread. `work` must not return a promise: the locks are released when it returns. */
export function lockAllSync<T>(
  items: readonly (string | LockAllItem)[],
  work: (locks: readonly FileLock[]) => T,
  options?: Omit<LockOptions, "signal">,
): T {
  checkFunction("work", work);
  const groups = groupByFirstLeg(items, options);
  const held: HeldFileLock[] = [];
  const startedAt = monotonicMs();
  const acquireFromSync = (at: number): T => {
    const request = requestFor(groups[at], at, options, startedAt);
    if (request === undefined) return refusePromise(work(viewsOf(groups, held)));
    const lock = request.blocking();
    held.push(lock);
    return runInside(lock, () => acquireFromSync(at + 1));
  };
  try {
    return acquireFromSync(0);
  } finally {
    for (const lock of held.toReversed()) releaseOrWarn(lock);
  }
}

/** Files whose locks begin with the same leg: taken as one lock with all of their legs. */
interface Group {
  readonly firstLeg: FlockLegPlan;
  readonly legs: LegPlan[];
  readonly members: { readonly position: number; readonly request: LockRequest }[];
  mode: LockMode;
}

function groupByFirstLeg(
  items: readonly (string | LockAllItem)[],
  options: LockOptions | undefined,
): readonly Group[] {
  checkItems(items);
  const groups = new Map<string, Group>();
  for (const [position, item] of items.entries()) {
    const {
      path,
      mode = "exclusive",
      layout,
    }: LockAllItem = typeof item === "string" ? { path: item } : item;
    const request = new LockRequest(path, mode, layout === undefined ? options : { ...options, layout });
    const { legs } = request.location.plan;
    const group = groups.get(legs[0].path) ?? { firstLeg: legs[0], legs: [], members: [], mode };
    groups.set(legs[0].path, group);
    group.members.push({ position, request });
    group.legs.push(
      ...legs.slice(1).filter((leg) => !group.legs.some(({ path: known }) => known === leg.path)),
    );
    if (mode === "exclusive") group.mode = mode;
  }
  for (const group of groups.values()) group.legs.sort((a, b) => (a.path < b.path ? -1 : 1));
  return [...groups.values()].toSorted((a, b) => (a.firstLeg.path < b.firstLeg.path ? -1 : 1));
}

function checkItems(items: unknown): void {
  const isItem = (item: unknown): boolean =>
    typeof item === "string" || (typeof item === "object" && item !== null && "path" in item);
  if (!Array.isArray(items) || !items.every(isItem)) {
    throw new TypeError("items must be an array of paths, or of objects with path and mode");
  }
}

/** Each lock surrounds the acquisition of the next, so that the order of nesting is known. */
async function acquireFrom<T>(
  groups: readonly Group[],
  at: number,
  held: HeldFileLock[],
  options: LockOptions | undefined,
  startedAt: number,
  work: () => T | Promise<T>,
): Promise<T> {
  const request = requestFor(groups[at], at, options, startedAt);
  if (request === undefined) return work();
  const lock = request.now() ?? (await request.later());
  held.push(lock);
  return runInside(lock, () => acquireFrom(groups, at + 1, held, options, startedAt, work));
}

/** The request for one group's locks, with what is left of the time for all of them. Undefined after the last group. */
function requestFor(
  group: Group | undefined,
  at: number,
  options: LockOptions | undefined,
  startedAt: number,
): LockRequest | undefined {
  const first = group?.members[0];
  if (group === undefined || first === undefined) return undefined;
  const timeoutMs = effectiveTimeoutMs(first.request.options, first.request.location.plan);
  const leftMs = Math.max(timeoutMs - (monotonicMs() - startedAt), 0);
  return new LockRequest(first.request.path, group.mode, {
    ...options,
    timeoutMs: at === 0 ? timeoutMs : leftMs,
    layout: mergedLayout(group, first.request),
  });
}

/** The first member's layout with the legs of every member. */
function mergedLayout(group: Group, { location, options }: LockRequest): LockLayout {
  if (group.members.length === 1) return options.layout;
  const plan = { ...location.plan, legs: [group.firstLeg, ...group.legs] as const };
  return { name: options.layout.name, dynamic: true, locate: () => plan };
}

function viewsOf(groups: readonly Group[], held: readonly HeldFileLock[]): readonly FileLock[] {
  const views: { readonly position: number; readonly view: FileLock }[] = [];
  for (const [at, { members }] of groups.entries()) {
    const lock = held[at];
    if (lock === undefined) continue;
    for (const { position, request } of members) {
      request.assertNotMoved();
      views.push({
        position,
        view: new LockView(lock, request.path, request.location.targetPath, request.mode),
      });
    }
  }
  return views.toSorted((a, b) => a.position - b.position).map(({ view }) => view);
}
