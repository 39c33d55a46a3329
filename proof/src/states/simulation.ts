/** A run of several clients of one store in memory, all of whose chance and time comes from a seed. */
import { createHash } from "node:crypto";
import { compareFencingTokens } from "@flockwork/core";
import { openTasks } from "@flockwork/tasks";
import { leases, type MemoryClock, memoryStore, MemorySpace, type Store } from "../harness/core.ts";
import { Random } from "../harness/random.ts";

const clients = 4;
const actionsEach = 10;

/** What a run came to. */
export interface Simulated {
  /** What began and ended, in this order, and how. */
  readonly trace: readonly string[];
  readonly hash: string;
  /** What should not be: a change lost or doubled, two inside of one lock. */
  readonly violations: readonly string[];
}

/** Time that passes when it is told to, and ends the waits of a store as it does. */
class VirtualTime implements MemoryClock {
  readonly name = "virtual";
  #nowMs = 0;
  #due: { readonly at: number; readonly run: () => void }[] = [];

  now(): number {
    return Date.parse("2026-01-01T00:00:00Z") + this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const entry = { at: this.#nowMs + ms, run };
    this.#due.push(entry);
    return () => void (this.#due = this.#due.filter((other) => other !== entry));
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    const due = this.#due.filter(({ at }) => at <= this.#nowMs).toSorted((one, other) => one.at - other.at);
    this.#due = this.#due.filter((entry) => !due.includes(entry));
    for (const { run } of due) run();
  }
}

/** What all clients share, and what is known of what they did. */
class World {
  readonly time: VirtualTime = new VirtualTime();
  readonly space: MemorySpace = new MemorySpace({ clock: this.time });
  readonly trace: string[] = [];
  readonly violations: string[] = [];
  readonly appended: string[] = [];
  readonly created: string[] = [];
  readonly completed: string[] = [];
  /** Tokens of leases and of claims, by what they are for, in the order they were granted. */
  readonly tokens = new Map<string, string[]>();
  counted = 0;
  inside = 0;

  granted(name: string, token: string): void {
    const before = this.tokens.get(name) ?? [];
    this.tokens.set(name, [...before, token]);
  }
}

/** What a call may answer that came too late; anything else goes wrong. */
const late = new Set(["ERR_LOCK_TIMEOUT", "ERR_LEASE_LOST", "ERR_STALE_FENCING_TOKEN"]);

/** What else a run may need. */
export interface SimulationOptions {
  /** Decides how calls interleave. Default: the seed. */
  readonly chance?: (() => number) | undefined;
  /** Makes something else of each client's store, to see whether it is noticed. */
  readonly spoil?: ((store: Store) => Store) | undefined;
}

export async function simulate(
  seed: number,
  { chance, spoil = (store) => store }: SimulationOptions = {},
): Promise<Simulated> {
  const world = new World();
  const random = new Random(seed);
  const turns = chance ?? (() => random.next());
  const stores = Array.from({ length: clients }, () => memoryStore({ shared: world.space, random: turns }));
  await Promise.all(
    stores.map((store, client) => act(world, spoil(store), client, new Random(seed * 31 + client))),
  );
  await judge(world, stores[0] as Store);
  await Promise.all(stores.map((store) => store.close()));
  const hash = createHash("sha256").update(world.trace.join("\n")).digest("hex");
  return { trace: world.trace, hash, violations: world.violations };
}

interface Counter {
  count: number;
}

async function act(world: World, store: Store, client: number, random: Random): Promise<void> {
  const { time, trace } = world;
  const counter = store.document<Counter>({ name: "counter.json", defaults: () => ({ count: 0 }) });
  const log = store.log<{ id: string }>({ name: "log.jsonl", idOf: ({ id }) => id });
  const held = leases(store, { holder: `client ${client}`, leaseMs: 1_000, clock: time });
  const tasks = openTasks(store, { clock: time });
  const actions: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
    count: async () => {
      const { value, revision } = await counter.update((draft) => void (draft.count += 1));
      world.counted += 1;
      return [value.count, revision];
    },
    append: async (id) => {
      const { position } = await log.append({ id });
      world.appended.push(id);
      return position;
    },
    both: async (id) => {
      const { members } = await store.transact({ counter, log }, (tx) => {
        tx.counter.draft.count += 1;
        tx.log.append({ id });
      });
      world.counted += 1;
      world.appended.push(id);
      return [members.counter.revision, members.log.position];
    },
    lock: () =>
      store.lock("section").withWrite(
        async () => {
          if ((world.inside += 1) > 1) world.violations.push("two inside of one lock");
          for (let turn = random.between(0, 5); turn > 0; turn -= 1) await Promise.resolve();
          world.inside -= 1;
          return "in";
        },
        { timeoutMs: random.pick([0, 50, Infinity]) },
      ),
    lease: async () => {
      const lease = await held.tryAcquire("job");
      if (lease === undefined) return "taken";
      const { fence } = lease;
      world.granted("the lease", fence.token);
      await counter.update((draft) => void (draft.count += 1), { fence });
      world.counted += 1;
      if (random.next() < 0.7) await lease.release();
      return fence.token;
    },
    task: async (id) => {
      const { task } = await tasks.create({ id, title: id });
      world.created.push(id);
      return task.id;
    },
    claim: async () => {
      const claim = await tasks.claims.claimNext({ holder: `client ${client}`, leaseMs: 500, keep: false });
      if (claim === undefined) return "none";
      world.granted(`task ${claim.taskId}`, claim.token);
      if (random.next() < 0.5) {
        await tasks.update(claim.taskId, { status: "completed" }, { claim });
        world.completed.push(String(claim.taskId));
      }
      return [claim.taskId, claim.token];
    },
    read: async () => [(await counter.read()).count, (await log.read()).length],
    pass: () => Promise.resolve(time.pass(random.between(1, 2_000))),
  };
  const names = Object.keys(actions);
  for (let at = 0; at < actionsEach; at += 1) {
    const name = random.pick(names);
    const id = `${client}-${at}`;
    trace.push(`${id} ${name}`);
    try {
      trace.push(`${id} ${JSON.stringify(await actions[name]?.(id)) ?? "done"}`);
    } catch (error) {
      const { code, name: kind } = error as { readonly code?: string; readonly name?: string };
      trace.push(`${id} ${code ?? kind}`);
      if (!late.has(code ?? "")) world.violations.push(`${name}: ${String(error)}`);
    }
  }
  time.pass(60_000); // nobody waits for somebody who is through
}

/** Everything acknowledged is there, once. */
async function judge(world: World, store: Store): Promise<void> {
  const { count } = await store
    .document<Counter>({ name: "counter.json", defaults: () => ({ count: 0 }) })
    .read();
  if (count !== world.counted) world.violations.push(`${world.counted} counted, ${count} found`);
  const found = (await store.log<{ id: string }>({ name: "log.jsonl", idOf: ({ id }) => id }).read()).map(
    ({ id }) => id,
  );
  sameOrWrong(world, "appended", world.appended, found);
  const tasks = await openTasks(store, { clock: world.time }).list();
  const ids = (all: typeof tasks): string[] => all.map(({ id }) => String(id));
  sameOrWrong(world, "created", world.created, ids(tasks));
  sameOrWrong(world, "completed", world.completed, ids(tasks.filter(({ status }) => status === "completed")));
  for (const [name, tokens] of world.tokens)
    if (tokens.some((token, at) => at > 0 && compareFencingTokens(token, tokens[at - 1] ?? token) <= 0))
      world.violations.push(`tokens of ${name}: ${tokens.join()}`);
}

function sameOrWrong(world: World, done: string, told: readonly string[], found: readonly string[]): void {
  if (told.toSorted().join() !== found.toSorted().join())
    world.violations.push(`${done} ${told.join()}, found ${found.join()}`);
}
