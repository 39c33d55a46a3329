import type { Edge } from "./cycle.ts";
import type { History } from "./history.ts";

/**
 * `a` before `b` where `a` was over before `b` began. Only the nearest: the last to begin before an end stand for all
 * that ended before they did, so that there are few edges and the same cycles.
 */
export function realTimeEdges(history: History<unknown, unknown>): Edge[] {
  const edges: Edge[] = [];
  const byBegin = [...history.keys()].toSorted((one, other) => begin(history, one) - begin(history, other));
  const byEnd = [...history.keys()].toSorted((one, other) => end(history, one) - end(history, other));
  let frontier: number[] = [];
  let next = 0;
  for (const to of byBegin) {
    for (; next < byEnd.length; next += 1) {
      const ended = byEnd[next] ?? 0;
      if (end(history, ended) >= begin(history, to)) break;
      // Whoever was over before this one began is reached through it.
      frontier = frontier.filter((other) => end(history, other) >= begin(history, ended));
      frontier.push(ended);
    }
    for (const from of frontier) edges.push({ from, to, kind: "realtime", why: "" });
  }
  return edges;
}

function begin(history: History<unknown, unknown>, at: number): number {
  return history[at]?.begunAt ?? 0;
}

function end(history: History<unknown, unknown>, at: number): number {
  return history[at]?.endedAt ?? 0;
}
