import type { TimeEntry } from "./package.ts";

/** What a racer says. */
export type Told =
  | { readonly kind: "try"; readonly actorId: string; readonly begins: boolean }
  | {
      readonly kind: "done";
      readonly actorId: string;
      /** The timer that runs since this call. */
      readonly begins?: string | undefined;
      readonly entries: readonly TimeEntry[];
    }
  | { readonly kind: "refused"; readonly code: string };

/** What all racers at one file said, together. */
export interface Acknowledged {
  readonly entries: readonly TimeEntry[];
  /** How many stretches of each actor began, for certain. */
  readonly begun: ReadonlyMap<string, number>;
  /** How many more of each may have: calls of processes that were killed before they could say. */
  readonly perhaps: ReadonlyMap<string, number>;
  readonly refused: number;
}

/** Puts together what each of the racers said. */
export function gather(racers: readonly (readonly Told[])[]): Acknowledged {
  const entries: TimeEntry[] = [];
  const [begun, perhaps] = [new Map<string, number>(), new Map<string, number>()];
  let refused = 0;
  for (const said of racers) {
    for (const told of said) {
      if (told.kind === "refused") refused += 1;
      if (told.kind !== "done") continue;
      entries.push(...told.entries);
      if (told.begins !== undefined) begun.set(told.actorId, (begun.get(told.actorId) ?? 0) + 1);
    }
    const last = said.at(-1);
    if (last?.kind === "try" && last.begins) perhaps.set(last.actorId, (perhaps.get(last.actorId) ?? 0) + 1);
  }
  return { entries, begun, perhaps, refused };
}
