/** Dependencies between tasks: what waits for what. Pure functions, without recursion. */

/** What a node waits for. Nodes that are not there wait for nothing. */
export type DependenciesOf = (id: string) => readonly string[];

/**
 * A cycle that goes through one of `starts`, as ids along it: the first is the last too. Undefined where there is none.
 * Cycles that no start is part of are not looked for: a file that has one already can still be changed elsewhere.
 */
export function findCycle(
  starts: Iterable<string>,
  dependenciesOf: DependenciesOf,
): readonly string[] | undefined {
  for (const start of starts) {
    const path = pathBack(start, dependenciesOf);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** Ids in an order in which they can be done: each after what it waits for; else in the order given. Cycles are cut. */
export function dependencyOrder(ids: readonly string[], dependenciesOf: DependenciesOf): readonly string[] {
  const wanted = new Set(ids);
  const done = new Set<string>();
  const entered = new Set<string>();
  const order: string[] = [];
  for (const root of ids) {
    const stack = [root];
    for (let id = stack.at(-1); id !== undefined; id = stack.at(-1)) {
      if (!entered.has(id)) {
        entered.add(id);
        for (const next of dependenciesOf(id).toReversed()) if (!entered.has(next)) stack.push(next);
        continue;
      }
      stack.pop();
      if (done.has(id)) continue;
      done.add(id);
      if (wanted.has(id)) order.push(id);
    }
  }
  return order;
}

/** The way from a node through what it waits for, back to itself. */
function pathBack(start: string, dependenciesOf: DependenciesOf): readonly string[] | undefined {
  const cameFrom = new Map<string, string>();
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const next of dependenciesOf(id)) {
      if (next === start) return backwards(start, id, cameFrom);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, id);
      open.push(next);
    }
  }
  return undefined;
}

function backwards(start: string, last: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const path = [start];
  for (let at: string | undefined = last; at !== undefined && at !== start; at = cameFrom.get(at))
    path.push(at);
  return [...path, start].toReversed();
}
