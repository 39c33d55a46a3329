import { Random } from "../harness/random.ts";
import { describe } from "../harness/tally.ts";
import { allCases } from "./cases/all-cases.ts";
import { declares, type CaseContext, type Declared, type Need, type StoreCase } from "./case.ts";
import type { StoreCapabilities } from "./core.ts";
import type { PromiseId } from "./promises.ts";
import { StorePeer } from "./store-peer.ts";
import { isMissing, type Missing, type Nemesis, type Place, type StoreFactory } from "./subject.ts";

/** What became of one case. */
export interface CaseOutcome {
  readonly promise: PromiseId;
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Why it failed or was skipped. */
  readonly why?: string;
  /** Set where it failed for not ending in time. */
  readonly hung?: boolean;
}

export interface ConformanceReport {
  readonly store: string;
  readonly outcomes: readonly CaseOutcome[];
}

export interface ConformanceOptions {
  /** Which cases to run. Default: all. */
  readonly cases?: readonly StoreCase[] | undefined;
  /** Chooses what is left to chance. Default 1. */
  readonly seed?: number | undefined;
  /** Longest time for one case, after which it failed. Default 60 000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Runs every example against a store, each over a place of its own, one after the other.
 *
 * @param nemesis - What can be done to the store from outside. A hook that is missing says why, and so do the cases that need it.
 */
export async function runConformance(
  name: string,
  factory: StoreFactory,
  nemesis: Nemesis,
  { cases = allCases, seed = 1, timeoutMs = 60_000 }: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const outcomes: CaseOutcome[] = [];
  for (const each of cases) outcomes.push(await runCase(each, factory, nemesis, { seed, timeoutMs }));
  return { store: name, outcomes };
}

async function runCase(
  { promise, name, needs = [], run }: StoreCase,
  factory: StoreFactory,
  nemesis: Nemesis,
  { seed, timeoutMs }: { readonly seed: number; readonly timeoutMs: number },
): Promise<CaseOutcome> {
  const place = await factory.create();
  const opened: { close(): Promise<void> }[] = [];
  const peers: StorePeer[] = [];
  const open = async () => {
    const store = await place.open();
    opened.push(store);
    return store;
  };
  const peer = async (): Promise<StorePeer> => {
    const started = await StorePeer.start(place);
    peers.push(started);
    return started;
  };
  const timeout = Promise.withResolvers<never>();
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    timeout.reject(new Error(`it hung for ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    const store = await open();
    const why = firstMissing(needs, place, nemesis, store.capabilities);
    if (why !== undefined) return { promise, name, outcome: "skipped", why };
    // Cases that need what may be missing say so: what they get is there.
    const context = {
      store,
      open,
      peer,
      place,
      bytes: place.bytes,
      nemesis,
      random: new Random(seed),
    } as CaseContext;
    await Promise.race([run(context), timeout.promise]);
    return { promise, name, outcome: "passed" };
  } catch (error) {
    return { promise, name, outcome: "failed", why: describe(error), hung };
  } finally {
    clearTimeout(timer);
    for (const { program } of peers) program.kill();
    await Promise.all(peers.map(({ program }) => program.exited));
    const closing = Promise.allSettled(opened.map((store) => store.close()));
    await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, 2_000).unref())]);
    await place.clean();
  }
}

function firstMissing(
  needs: readonly Need[],
  place: Place,
  nemesis: Nemesis,
  capabilities: StoreCapabilities,
): string | undefined {
  for (const need of needs) {
    if (need === "peer" || need === "bytes") {
      const what = need === "peer" ? place.elsewhere : place.bytes;
      if (isMissing(what)) return what.missing;
    } else if (need in nemesis) {
      const hook: object | Missing = nemesis[need as keyof Nemesis];
      if (isMissing(hook)) return hook.missing;
    } else if (!declares(capabilities, need as Declared)) return `it does not declare ${need}`;
  }
  return undefined;
}
