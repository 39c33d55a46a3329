import { DependencyCycleError } from "./errors.ts";
import { blockingTypes, type IssueMap } from "./issue-graph.ts";
import type { Dependency } from "./issue.ts";

function targetsOf(issues: IssueMap, id: string): readonly string[] {
  return (issues.get(id)?.dependencies ?? [])
    .filter(({ type }) => blockingTypes.has(type))
    .map(({ depends_on_id: target }) => target);
}

/**
 * The circle that a new blocking dependency would close, from the dependent back to itself; undefined where it closes none.
 * Linear in the issues that can be reached; no recursion, so that a long chain does no harm.
 */
export function cycleThrough(issues: IssueMap, from: string, to: string): readonly string[] | undefined {
  if (from === to) return [from, from];
  const cameFrom = new Map<string, string>([[to, from]]);
  const pending = [to];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    for (const target of targetsOf(issues, id)) {
      if (target === from) return [...pathTo(cameFrom, from, id), from];
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, id);
      pending.push(target);
    }
  }
  return undefined;
}

/**
 * Refuses dependencies of an issue that would close a circle and are not there yet.
 * @throws {DependencyCycleError} naming the way round.
 */
export function refuseCircles(
  issues: IssueMap,
  id: string,
  wanted: readonly Dependency[] | null | undefined,
): void {
  if (!Array.isArray(wanted)) return; // what is no list is refused by the rules of the format
  const present = new Set(targetsOf(issues, id));
  for (const { type, depends_on_id: target } of wanted as readonly Partial<Dependency>[]) {
    if (target === undefined || !blockingTypes.has(type ?? "") || present.has(target)) continue;
    const cycle = cycleThrough(issues, id, target);
    if (cycle !== undefined) throw new DependencyCycleError(cycle);
  }
}

function pathTo(cameFrom: ReadonlyMap<string, string>, from: string, last: string): string[] {
  const path = [last];
  for (let id = cameFrom.get(last); id !== undefined && id !== from; id = cameFrom.get(id)) path.push(id);
  return [from, ...path.toReversed()];
}

/**
 * The circles of blocking dependencies, one for each group of issues that wait for each other: no issue of them can become
 * ready. Sorted, each beginning and ending with its least id.
 */
export function findCycles(issues: IssueMap): readonly (readonly string[])[] {
  return strongComponents(issues)
    .filter((group) => group.length > 1 || targetsOf(issues, group[0] ?? "").includes(group[0] ?? ""))
    .map((group) => circleIn(issues, new Set(group)))
    .toSorted((a, b) => ((a[0] ?? "") < (b[0] ?? "") ? -1 : 1));
}

/** One circle within a group in which everybody reaches everybody. */
function circleIn(issues: IssueMap, group: ReadonlySet<string>): readonly string[] {
  const least = [...group].toSorted()[0] ?? "";
  const inside: IssueMap = new Map([...issues].filter(([id]) => group.has(id)));
  const [first] = targetsOf(inside, least)
    .filter((target) => group.has(target))
    .toSorted();
  return cycleThrough(inside, least, first ?? least) ?? [least, least];
}

interface Visit {
  readonly id: string;
  readonly targets: readonly string[];
  next: number;
}

/** Tarjan's algorithm, with a stack of its own. */
function strongComponents(issues: IssueMap): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const components: string[][] = [];
  const lower = (id: string, value: number): void =>
    void low.set(id, Math.min(low.get(id) ?? Infinity, value));
  const enter = (id: string): Visit => {
    order.set(id, order.size);
    lower(id, order.size - 1);
    open.push(id);
    isOpen.add(id);
    return { id, targets: targetsOf(issues, id).filter((target) => issues.has(target)), next: 0 };
  };
  for (const root of issues.keys()) {
    if (order.has(root)) continue;
    const visits = [enter(root)];
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const target = visit.targets[visit.next];
      visit.next += 1;
      if (target !== undefined) {
        if (!order.has(target)) visits.push(enter(target));
        else if (isOpen.has(target)) lower(visit.id, order.get(target) ?? 0);
        continue;
      }
      visits.pop();
      const above = visits.at(-1);
      if (above !== undefined) lower(above.id, low.get(visit.id) ?? 0);
      if (low.get(visit.id) === order.get(visit.id))
        components.push(open.splice(open.lastIndexOf(visit.id)).map((id) => (isOpen.delete(id), id)));
    }
  }
  return components;
}
