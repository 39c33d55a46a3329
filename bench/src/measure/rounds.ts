/** Rounds of contenders that take turns, and what others had of the processors meanwhile. */
import { AsyncLocalStorage } from "node:async_hooks";
import { isLongEnough, othersShareOf, type Watch, type Watched } from "./others.ts";
import { othersAtMost } from "./verdicts.ts";

/** Under this key, rounds tell how others disturbed them. */
export const disturbance: unique symbol = Symbol("disturbance");

/** What others had of the rounds that figures come from. */
export interface Disturbance {
  /** Of all processors' time. Null where it cannot be told. */
  readonly othersShare: number | null;
  /** How many rounds were made again because others had too much of one. */
  readonly repeated: number;
}

type Contenders<Name extends string, Figure> = Readonly<Record<Name, () => Promise<Figure>>>;

/** For each contender a figure of each round. */
export type Rounds<Name extends string, Figure> = Record<Name, Figure[]> & {
  readonly [disturbance]: Disturbance;
};

interface Round<Name extends string, Figure> {
  readonly figures: Readonly<Record<Name, Figure>>;
  readonly watched: Watched | undefined;
}

/** How the rounds of a group are watched. */
export interface Watcher {
  readonly watch: Watch;
  /** At most so many rounds for each that was asked for: 1 repeats none. */
  readonly most: number;
}

const watchers = new AsyncLocalStorage<Watcher & { readonly disturbances: Disturbance[] }>();

/** Runs something, in which each round is watched. @returns What it gave, and how others disturbed all that was interleaved in it, in that order. */
export async function watchRounds<Result>(
  watcher: Watcher,
  run: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly disturbances: readonly Disturbance[] }> {
  const disturbances: Disturbance[] = [];
  return { result: await watchers.run({ ...watcher, disturbances }, run), disturbances };
}

/**
 * Runs all contenders once a round, round after round, each round in another order: a slow minute of the machine hits all of
 * them, and nobody always goes first, or always after the same one. Where rounds are watched, one of which others had too much is made again,
 * and in the end the least disturbed ones are kept.
 *
 * @param spoils - Whether a figure tells of something lost: its round is kept as well, however disturbed it was.
 */
export async function interleave<Name extends string, Figure>(
  rounds: number,
  contenders: Contenders<Name, Figure>,
  spoils: (figure: Figure) => boolean = () => false,
): Promise<Rounds<Name, Figure>> {
  const { watch = () => () => undefined, most = 1, disturbances } = watchers.getStore() ?? {};
  const made: Round<Name, Figure>[] = [];
  while (made.length < rounds * most && made.filter(isQuiet).length < rounds) {
    const watched = watch();
    const figures = await runAll(contenders, made.length);
    made.push({ figures, watched: watched() });
  }
  const kept = leastDisturbed(made, rounds, ({ figures }) => Object.values<Figure>(figures).some(spoils));
  const of: Disturbance = {
    othersShare: othersShareOf(kept.map(({ watched }) => watched)) ?? null,
    repeated: made.length - rounds,
  };
  disturbances?.push(of);
  const names = Object.keys(contenders) as Name[];
  const figures = names.map((name) => [name, kept.map((round) => round.figures[name])] as const);
  return { ...(Object.fromEntries(figures) as Record<Name, Figure[]>), [disturbance]: of };
}

/** Rounds whose figures nobody keeps: after them code is compiled, and files are read. */
export async function warmUp(rounds: number, contenders: Contenders<string, unknown>): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await runAll(contenders, round);
}

async function runAll<Name extends string, Figure>(
  contenders: Contenders<Name, Figure>,
  round: number,
): Promise<Record<Name, Figure>> {
  const names = Object.keys(contenders) as Name[];
  const figures: Partial<Record<Name, Figure>> = {};
  for (const name of orderOf(names, round)) figures[name] = await contenders[name]();
  return figures as Record<Name, Figure>;
}

/**
 * Each round begins with the next one, and goes on with its neighbours from both sides in turn. In as many rounds as there are contenders
 * each then comes once after each other one; of an odd number twice in twice as many, every other one of which begins with the other side.
 */
export function orderOf<Name extends string>(names: readonly Name[], round: number): readonly Name[] {
  const count = names.length;
  const side = count % 2 === 1 && round % 2 === 1 ? -1 : 1;
  return names.flatMap((_, place) => {
    const step = Math.ceil(place / 2) * (place % 2 === 1 ? side : -side);
    return names[(round + step + count) % count] ?? [];
  });
}

type Watchable = Pick<Round<string, unknown>, "watched">;

/** None for a round that is too short to tell: it counts in the share of all rounds together. */
function shareOf({ watched }: Watchable): number {
  return watched === undefined || !isLongEnough(watched) ? 0 : (othersShareOf([watched]) ?? 0);
}

function isQuiet(round: Watchable): boolean {
  return shareOf(round) <= othersAtMost;
}

/** As many as were asked for, and those that something spoils, in the order in which they were made. */
function leastDisturbed<Each extends Watchable>(
  made: readonly Each[],
  rounds: number,
  isSpoiled: (round: Each) => boolean,
): readonly Each[] {
  const least = new Set(made.toSorted((a, b) => shareOf(a) - shareOf(b)).slice(0, rounds));
  return made.filter((round) => least.has(round) || isSpoiled(round));
}
