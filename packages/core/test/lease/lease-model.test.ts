import * as fc from "fast-check";
import { expect, test } from "vitest";

import { instantOf, type Clock } from "../../src/lease/clock.ts";
import { compareFencingTokens } from "../../src/lease/fencing-token.ts";
import { grantLease, releaseLease, renewLease } from "../../src/lease/grant-lease.ts";
import type { KeptLease } from "../../src/lease/kept-lease.ts";
import type { LeaseRecord } from "../../src/lease/lease-record.ts";
import { renewing } from "../../src/lease/renewing.ts";
import { FakeMachine, yearMs } from "./support/fake-clock.ts";

const leaseMs = 1_000;
const graceMs = 200;

/** Programs that want one lease. What each believes of it is what its own KeptLease says. */
class World {
  readonly machine = new FakeMachine();
  readonly #clocks: readonly Clock[];
  readonly #kept: (KeptLease | undefined)[] = [];
  readonly #tokens: string[] = [];
  record: LeaseRecord | undefined;

  constructor(clocksOf: (machine: FakeMachine) => readonly Clock[]) {
    this.#clocks = clocksOf(this.machine);
  }

  acquire(program: number, commitMs: number): void {
    const clock = this.#clockOf(program);
    const now = instantOf(clock);
    const granted = grantLease(this.record, { holder: `${program}`, leaseMs, graceMs, now });
    if (granted === undefined) return;
    this.record = granted;
    this.#tokens.push(granted.token);
    this.machine.pass(commitMs);
    this.#kept[program]?.stop();
    this.#kept[program] = renewing(granted, async () => this.#renew(granted.token, clock), { clock });
  }

  /** A renewal that takes its time, before the record is written and after. */
  async renew(program: number, beforeMs: number, afterMs: number): Promise<void> {
    this.#delays = [beforeMs, afterMs];
    await this.#kept[program]?.renew().catch(() => undefined);
  }

  release(program: number): void {
    const kept = this.#kept[program];
    if (kept === undefined) return;
    kept.stop();
    this.#kept[program] = undefined;
    if (this.record?.token === kept.record.token)
      this.record = releaseLease(this.record, kept.record.token, this.machine.wallMs);
  }

  /** Those who would act under the lease now. */
  get holders(): readonly number[] {
    return this.#kept.flatMap((kept, program) => (kept?.held === true ? [program] : []));
  }

  get tokensGrow(): boolean {
    return this.#tokens.every(
      (token, at) => at === 0 || compareFencingTokens(token, this.#tokens[at - 1] ?? "") > 0,
    );
  }

  close(): void {
    for (const kept of this.#kept) kept?.stop();
  }

  #delays: readonly [number, number] = [0, 0];

  #renew(token: string, clock: Clock): LeaseRecord {
    this.machine.pass(this.#delays[0]);
    this.record = renewLease(this.record, token, instantOf(clock));
    this.machine.pass(this.#delays[1]);
    return this.record;
  }

  #clockOf(program: number): Clock {
    return this.#clocks[program] as Clock;
  }
}

const program = fc.integer({ min: 0, max: 2 });
const delay = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1_500 }));
const acquire = fc.record({ do: fc.constant("acquire" as const), program, delay });
const renew = fc.record({ do: fc.constant("renew" as const), program, delay, delayAfter: delay });
const release = fc.record({ do: fc.constant("release" as const), program });
const pass = fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 1_500 }) });
const jumpAhead = fc.record({
  do: fc.constant("jump" as const),
  ms: fc.constantFrom(500, 3_600_000, 10 * yearMs),
});
const jump = fc.record({
  do: fc.constant("jump" as const),
  ms: fc.constantFrom(-10 * yearMs, -3_600_000, -500, 500, 3_600_000, 10 * yearMs),
});
type ValueOf<A> = A extends fc.Arbitrary<infer T> ? T : never;
type Step =
  | ValueOf<typeof acquire>
  | ValueOf<typeof renew>
  | ValueOf<typeof release>
  | ValueOf<typeof pass>
  | ValueOf<typeof jump>;

async function run(world: World, steps: readonly Step[]): Promise<void> {
  try {
    for (const step of steps) {
      if (step.do === "acquire") world.acquire(step.program, step.delay);
      else if (step.do === "renew") await world.renew(step.program, step.delay, step.delayAfter);
      else if (step.do === "release") world.release(step.program);
      else if (step.do === "pass") world.machine.pass(step.ms);
      else world.machine.jump(step.ms);
      expect(world.holders.length).toBeLessThanOrEqual(1);
      expect(world.tokensGrow).toBe(true);
    }
  } finally {
    world.close();
  }
}

const runs = { numRuns: 2_000 };

test("T8: programs of one machine never hold a lease together, however the wall clock jumps and pauses fall", async () => {
  const steps = fc.array(fc.oneof(acquire, renew, release, pass, jump), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(steps, (each) =>
      run(new World((machine) => Array.from({ length: 3 }, () => machine.clock("boot"))), each),
    ),
    runs,
  );
});

test("T8: programs that share only the wall clock never hold a lease together while their clocks differ less than the grace", async () => {
  const steps = fc.array(fc.oneof(acquire, renew, release, pass), { maxLength: 40 });
  const skews = fc.array(fc.integer({ min: -graceMs / 2, max: graceMs / 2 }), { minLength: 3, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(skews, steps, (differences, each) =>
      run(
        new World((machine) =>
          differences.map((skew, at) => machine.clock(`machine ${at}`, skew, at * yearMs)),
        ),
        each,
      ),
    ),
    runs,
  );
});

test("T8: programs without a clock to share never hold a lease together when the machine sleeps or its clock is put forward", async () => {
  const steps = fc.array(fc.oneof(acquire, renew, release, pass, jumpAhead), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(steps, (each) =>
      run(new World((machine) => Array.from({ length: 3 }, () => machine.clock())), each),
    ),
    runs,
  );
});
