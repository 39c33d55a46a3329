/** `from` must come before `to`. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  /** Appends in order, a read of an append, a read that missed an append, or one was over before the other began. */
  readonly kind: "ww" | "wr" | "rw" | "realtime";
  readonly why: string;
}

/** The shortest cycle through the first node that is on one, as edges in order; undefined if there is none. */
export function findCycle(nodes: number, edges: readonly Edge[]): readonly Edge[] | undefined {
  const outgoing: Edge[][] = Array.from({ length: nodes }, () => []);
  for (const edge of edges) outgoing[edge.from]?.push(edge);
  const start = anyOnCycle(nodes, outgoing);
  return start === undefined ? undefined : shortestBack(start, outgoing);
}

/** A node that is left when those without a way in, and then those without a way out, are taken away again and again. */
function anyOnCycle(nodes: number, outgoing: readonly (readonly Edge[])[]): number | undefined {
  const ways = new Int32Array(nodes);
  for (const { to } of outgoing.flat()) ways[to] = (ways[to] ?? 0) + 1;
  const free = [...ways.keys()].filter((node) => ways[node] === 0);
  const gone = new Uint8Array(nodes);
  for (const node of free) {
    gone[node] = 1;
    for (const { to } of outgoing[node] ?? []) {
      ways[to] = (ways[to] ?? 0) - 1;
      if (ways[to] === 0) free.push(to);
    }
  }
  let at = gone.indexOf(0);
  if (at === -1) return undefined;
  // Each that is left has a way in from another that is left: going back long enough ends on a cycle.
  const wayIn = new Map<number, number>();
  outgoing.forEach((list, from) => {
    if (gone[from] === 0) for (const { to } of list) wayIn.set(to, from);
  });
  const visited = new Set<number>();
  while (!visited.has(at)) {
    visited.add(at);
    at = wayIn.get(at) ?? at;
  }
  return at;
}

function shortestBack(start: number, outgoing: readonly (readonly Edge[])[]): readonly Edge[] | undefined {
  const cameBy = new Map<number, Edge>();
  const waiting = [start];
  for (const node of waiting) {
    for (const edge of outgoing[node] ?? []) {
      if (cameBy.has(edge.to)) continue;
      cameBy.set(edge.to, edge);
      if (edge.to === start) return pathTo(start, cameBy);
      waiting.push(edge.to);
    }
  }
  return undefined;
}

function pathTo(start: number, cameBy: ReadonlyMap<number, Edge>): readonly Edge[] {
  const path: Edge[] = [];
  let at = start;
  do {
    const edge = cameBy.get(at);
    if (edge === undefined) return path;
    path.unshift(edge);
    at = edge.from;
  } while (at !== start);
  return path;
}
