import type { Program } from "../../harness/program.ts";
import type { Random } from "../../harness/random.ts";
import type { Store } from "../core.ts";
import { isMissing, type Nemesis, type Place } from "../subject.ts";
import { ClientPool } from "./client-pool.ts";
import { runClient, type ClientPlan } from "./client.ts";
import { listNames, logOf, performSteps } from "./members.ts";
import { Recorder, type Histories } from "./recorder.ts";

export interface HistorySize {
  readonly clients: number;
  readonly operations: number;
  /** How many clients are killed on the way, where processes can be. */
  readonly kills: number;
  /** How many are stopped for a while, where processes can be. Default 0. */
  readonly pauses?: number | undefined;
}

/** Longest pause, in milliseconds. */
const longestPauseMs = 60;

/** Records one history after the other, each at a place of its own. Close it. */
export class HistorySource {
  readonly #nemesis: Nemesis;
  readonly #random: Random;
  #pool: ClientPool | undefined;
  /** Clients that were killed on the way, and that were stopped and went on, so far: not those that were through by then. */
  readonly met: { kills: number; pauses: number } = { kills: 0, pauses: 0 };

  constructor(nemesis: Nemesis, random: Random) {
    this.#nemesis = nemesis;
    this.#random = random;
  }

  /**
   * Lets clients at one place, each in a process of its own where that is possible, kills some, reads everything at the
   * end, and returns what each saw.
   */
  async record(place: Place, size: HistorySize): Promise<Histories> {
    const recorder = new Recorder();
    const plans = Array.from({ length: size.clients }, (_, at) => ({
      name: `c${at}`,
      operations: size.operations,
      seed: this.#random.between(0, 1 << 30),
    }));
    if (isMissing(place.elsewhere)) await runHere(place, plans, recorder);
    else {
      this.#pool ??= new ClientPool(place.elsewhere.module);
      await this.#runElsewhere(place.elsewhere.argument, this.#pool, plans, { recorder, size });
    }
    const store = await place.open();
    await readEverything(store, recorder);
    await store.close();
    return recorder.histories();
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }

  async #runElsewhere(
    argument: string,
    pool: ClientPool,
    plans: readonly ClientPlan[],
    { recorder, size }: { readonly recorder: Recorder; readonly size: HistorySize },
  ): Promise<void> {
    const { killHolder, pauseHolder } = this.#nemesis;
    const processes = await pool.take(plans.length);
    const expected = plans.reduce((sum, { operations }) => sum + operations, 0);
    const momentsOf = (count: number): number[] =>
      Array.from({ length: count }, () => this.#random.between(Math.ceil(expected / 10), expected));
    const killsAt = momentsOf(isMissing(killHolder) ? 0 : size.kills);
    const pausesAt = momentsOf(isMissing(pauseHolder) ? 0 : (size.pauses ?? 0));
    const killedAt = new Map<number, number>();
    const paused: { readonly victim: number; readonly stoppedAt: number }[] = [];
    const lastSaidAt = new Map<number, number>();
    let said = 0;
    const running = processes.map((process, at) => {
      const plan = plans[at] as ClientPlan;
      return process.run({ argument, plan }, (what, time) => {
        recorder.note(plan.name, what, time);
        lastSaidAt.set(at, time);
        said += 1;
        if (!killsAt.includes(said) && !pausesAt.includes(said)) return;
        const victim = this.#random.between(0, plans.length - 1);
        const program = processes[victim]?.program;
        if (killedAt.has(victim) || program === undefined) return;
        if (pausesAt.includes(said))
          return void this.#pause(program, () => paused.push({ victim, stoppedAt: now() }));
        if (isMissing(killHolder)) return;
        killedAt.set(victim, now());
        void killHolder(program);
      });
    });
    const outcomes = await Promise.allSettled(running);
    for (const [at, time] of killedAt) {
      const isCutShort = outcomes[at]?.status === "rejected";
      if ((await processes[at]?.program.exited)?.signal === "SIGKILL" && isCutShort) this.met.kills += 1;
      recorder.noteDeath(plans[at]?.name ?? "", time);
    }
    for (const { victim, stoppedAt } of paused)
      if ((lastSaidAt.get(victim) ?? 0) > stoppedAt) this.met.pauses += 1;
    pool.giveBack(processes.filter((_, at) => !killedAt.has(at)));
    const broken = outcomes.find((outcome, at) => outcome.status === "rejected" && !killedAt.has(at));
    if (broken?.status === "rejected") throw broken.reason;
  }

  async #pause(program: Program, onStopped: () => void): Promise<void> {
    const { pauseHolder } = this.#nemesis;
    if (isMissing(pauseHolder)) return;
    try {
      const resume = await pauseHolder(program);
      onStopped();
      setTimeout(() => void resume().catch(ignore), this.#random.between(1, longestPauseMs));
    } catch {
      // It was killed meanwhile.
    }
  }
}

function now(): number {
  return Number(process.hrtime.bigint());
}

async function runHere(place: Place, plans: readonly ClientPlan[], recorder: Recorder): Promise<void> {
  const running = plans.map(async (plan) => {
    const store = await place.open();
    await runClient(store, plan, (said) => recorder.note(plan.name, said, now()));
    await store.close();
  });
  await Promise.all(running);
}

/** At the end: the whole log, and all lists in one transaction. */
async function readEverything(store: Store, recorder: Recorder): Promise<void> {
  recorder.note("end", { begin: 1, task: { of: "log", input: { kind: "read", from: 0 } } }, now());
  const ids = (await logOf(store).read()).map(({ id }) => id);
  recorder.note("end", { end: 1, output: { kind: "records", ids } }, now());
  const steps = listNames.map((key) => ({ kind: "read" as const, key }));
  recorder.note("end", { begin: 2, task: { of: "lists", input: steps } }, now());
  const lists = await performSteps(store, steps);
  recorder.note("end", { end: 2, output: { committed: true, lists } }, now());
}

function ignore(): void {}
