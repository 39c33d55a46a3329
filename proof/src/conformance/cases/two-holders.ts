import { leases, type Store } from "../core.ts";
import { ok, type CaseContext } from "../case.ts";
import type { JumpingClock } from "../subject.ts";

export const leaseMs = 10_000;
export const graceMs = 1_000;

/** Leases as two programs ask for them, on one clock that we turn. */
export function two(context: CaseContext, other: Store): { one: Leases; two: Leases; time: JumpingClock } {
  const time = context.nemesis.jumpClock();
  const options = { clock: time.clock, leaseMs, graceMs };
  return {
    one: leases(context.store, { ...options, holder: "one" }),
    two: leases(other, { ...options, holder: "two" }),
    time,
  };
}

export type Leases = ReturnType<typeof leases>;

/** The next grant to somebody else, after the time it takes. */
export async function takeOver({ two: rival, time }: { two: Leases; time: JumpingClock }) {
  time.pass(leaseMs + graceMs + 1);
  const taken = await rival.tryAcquire("job");
  ok(taken, "the lease is not free after its time and grace");
  return taken;
}

/** Tokens are numbers, and the later one is higher. */
export function grows(before: string, after: string): void {
  ok(BigInt(after) > BigInt(before), `token ${after} follows ${before}`);
}
