import { describe, expect, it } from "vitest";
import { keepSweeping, type Claim, type ClaimRefusal, type Claims } from "../../src/index.ts";
import { FakeClock } from "./fake-clock.ts";

/** A store with three tasks that can be claimed. */
export interface ClaimsUnderTest<Id> {
  readonly claims: Claims<Id>;
  readonly ids: readonly [Id, Id, Id];
  readonly missing: Id;
  /** Removes the task under a claim. */
  readonly remove: (id: Id, claim: Claim<Id>) => Promise<unknown>;
  /** Changes the task under a claim, or without one. */
  readonly change: (id: Id, claim?: { readonly holder: string; readonly token: string }) => Promise<unknown>;
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => (error as { code?: unknown }).code,
  );

/** What every store of claims promises. */
export function claimsContract<Id>(
  name: string,
  open: (clock: FakeClock) => Promise<ClaimsUnderTest<Id>>,
): void {
  const me = "agent:me";
  const you = "agent:you";
  const leaseMs = 60_000;
  const eviction = { by: "operator", reason: "it hangs" };

  describe(`claims of ${name}`, () => {
    const granted = (outcome: Claim<Id> | ClaimRefusal<Id>): Claim<Id> => {
      if (!outcome.granted) throw new Error(outcome.message);
      return outcome;
    };
    const setUp = async (): Promise<ClaimsUnderTest<Id> & { readonly clock: FakeClock; readonly id: Id }> => {
      const clock = new FakeClock();
      const store = await open(clock);
      return { ...store, clock, id: store.ids[0] };
    };

    it("P1: one of many that claim at once gets the task, and the others learn who", async () => {
      const { claims, id } = await setUp();
      const outcomes = await Promise.all(
        Array.from({ length: 12 }, (_, at) => claims.claim(id, { holder: `agent:${at}`, leaseMs })),
      );
      const winners = outcomes.filter((outcome) => outcome.granted);
      expect(winners).toHaveLength(1);
      const [winner] = winners;
      for (const outcome of outcomes) {
        if (!outcome.granted) expect(outcome).toMatchObject({ reason: "claimed", heldBy: winner?.holder });
      }
      expect(await claims.list()).toEqual([
        expect.objectContaining({ taskId: id, holder: winner?.holder, state: "held" }),
      ]);
      await winner?.release();
    });

    it("a claim is renewed and released by its holder, and by nobody else", async () => {
      const { claims, id, clock, change } = await setUp();
      const claim = granted(await claims.claim(id, { holder: me, leaseMs, keep: false }));
      clock.pass(30_000);
      await claim.renew();
      clock.pass(45_000);
      claim.assertHeld();
      expect(await claims.inspect(id)).toMatchObject({ holder: me, token: claim.token, state: "held" });
      const wrong = { holder: me, token: String(BigInt(claim.token) - 1n) };
      expect(await codeOf(claims.renew(id, wrong))).toBe("ERR_STALE_FENCING_TOKEN");
      expect(await codeOf(claims.release(id, wrong))).toBe("ERR_STALE_FENCING_TOKEN");
      const another = { holder: you, token: claim.token };
      expect(await codeOf(claims.renew(id, another))).toBe("ERR_LEASE_LOST");
      expect(await codeOf(claims.release(id, another))).toBe("ERR_LEASE_LOST");
      expect(await codeOf(change(id, another))).toBe("ERR_LEASE_LOST");
      expect((await claims.claim(id, { holder: you, leaseMs })).granted).toBe(false);
      await claim.release();
      await claim.release();
      expect(claim.held).toBe(false);
      expect(claim.signal.aborted).toBe(false);
      expect((await claims.inspect(id))?.state ?? "released").toBe("released");
      const next = granted(await claims.claim(id, { holder: you, leaseMs }));
      expect(BigInt(next.token)).toBeGreaterThan(BigInt(claim.token));
      await next.release();
    });

    it("L5: a write that is refused because the claim is lost aborts its signal, though no timer has run", async () => {
      const { claims, id, change } = await setUp();
      const claim = granted(await claims.claim(id, { holder: me, leaseMs, keep: false }));
      await claims.forceRelease(id, { by: you, reason: "it has stopped" });
      expect(claim.signal.aborted).toBe(false);
      expect(await codeOf(change(id, claim))).toMatch(/^ERR_(?:LEASE_LOST|STALE_FENCING_TOKEN)$/);
      expect(claim.signal.aborted).toBe(true);
    });

    it("P7: a claim that is over is somebody else's, and every act under its token is refused", async () => {
      const { claims, id, clock, change } = await setUp();
      const late = granted(await claims.claim(id, { holder: me, leaseMs, keep: false }));
      const { holder, token } = late;
      await change(id, { holder, token });
      clock.pass(leaseMs + 2_000);
      expect((await claims.inspect(id))?.state).toBe("expired");
      const next = granted(await claims.claim(id, { holder: you, leaseMs, keep: false }));
      expect(BigInt(next.token)).toBeGreaterThan(BigInt(token));
      expect(late.held).toBe(false);
      expect(late.signal.aborted).toBe(true);
      expect(() => late.assertHeld()).toThrow(expect.objectContaining({ code: "ERR_LEASE_LOST" }));
      for (const act of [
        change(id, { holder, token }),
        claims.renew(id, { holder, token }),
        claims.release(id, { holder, token }),
      ])
        expect(await codeOf(act)).toBe("ERR_STALE_FENCING_TOKEN");
      await late.release(); // quietly: it is lost
      await change(id, next);
      expect(await claims.inspect(id)).toMatchObject({ holder: you, state: "held" });
      await next.release();
    });

    it("P7: the token of an earlier claim of the same holder is stale too", async () => {
      const { claims, id, change } = await setUp();
      const first = granted(await claims.claim(id, { holder: me, leaseMs, keep: false }));
      expect((await claims.claim(id, { holder: me, leaseMs })).granted).toBe(false);
      const second = granted(await claims.claim(id, { holder: me, leaseMs, again: true, keep: false }));
      expect(await codeOf(change(id, { holder: me, token: first.token }))).toBe("ERR_STALE_FENCING_TOKEN");
      await second.release();
      const third = granted(await claims.claim(id, { holder: me, leaseMs, keep: false }));
      expect(await codeOf(change(id, { holder: me, token: second.token }))).toBe("ERR_STALE_FENCING_TOKEN");
      await change(id, third);
      await third.release();
    });

    it("a task that somebody holds is not changed without the claim", async () => {
      const { claims, id, change } = await setUp();
      await change(id);
      const claim = granted(await claims.claim(id, { holder: me, leaseMs, keep: false }));
      expect(await codeOf(change(id))).toBe("ERR_TASK_CLAIMED");
      await claim.release();
      await change(id);
    });

    it("a sweep ends what is over and nothing else, once", async () => {
      const { claims, ids, clock } = await setUp();
      const [gone, kept] = ids;
      granted(await claims.claim(gone, { holder: me, leaseMs, keep: false }));
      const claim = granted(await claims.claim(kept, { holder: you, leaseMs: 10 * leaseMs, keep: false }));
      expect(await claims.sweep()).toEqual([]);
      clock.pass(2 * leaseMs);
      expect(await claims.sweep()).toEqual([
        expect.objectContaining({ taskId: gone, holder: me, state: "expired" }),
      ]);
      expect(await claims.sweep()).toEqual([]);
      claim.assertHeld();
      expect((await claims.list()).map(({ taskId }) => taskId)).toEqual([kept]);
      await claim.release();
    });

    it("claims all of several tasks, or none", async () => {
      const { claims, ids } = await setUp();
      const other = granted(await claims.claim(ids[2], { holder: you, leaseMs, keep: false }));
      const refusal = await claims.claimAll(ids, { holder: me, leaseMs });
      expect(refusal).toMatchObject({ granted: false, taskId: ids[2], heldBy: you });
      expect((await claims.list()).map(({ taskId }) => taskId)).toEqual([ids[2]]);
      await other.release();
      const all = await claims.claimAll(ids, { holder: me, leaseMs, keep: false });
      if ("granted" in all) throw new Error(all.message);
      expect(all.map(({ taskId }) => taskId)).toEqual(ids);
      expect(await claims.list()).toHaveLength(3);
      for (const claim of all) await claim.release();
      expect(await claims.list()).toEqual([]);
    });

    it("a claim is taken from its holder only with a name and a reason, and its token is stale then", async () => {
      const { claims, id, change } = await setUp();
      expect(await claims.forceRelease(id, eviction)).toBeUndefined();
      const claim = granted(await claims.claim(id, { holder: me, leaseMs, keep: false }));
      await expect(claims.forceRelease(id, { by: "", reason: "x" })).rejects.toThrow(TypeError);
      await expect(claims.forceRelease(id, { by: "x", reason: " " })).rejects.toThrow(TypeError);
      expect(await claims.forceRelease(id, eviction)).toMatchObject({ taskId: id, holder: me });
      expect(["ERR_LEASE_LOST", "ERR_STALE_FENCING_TOKEN"]).toContain(await codeOf(change(id, claim)));
      await expect(claim.renew()).rejects.toThrow();
      expect(claim.signal.aborted).toBe(true);
      granted(await claims.claim(id, { holder: you, leaseMs, keep: false }));
      expect(await codeOf(change(id, claim))).not.toBe(undefined);
    });

    it("the hook for a dead agent ends all of its claims and nobody else's", async () => {
      const { claims, ids } = await setUp();
      granted(await claims.claim(ids[0], { holder: me, leaseMs, keep: false }));
      granted(await claims.claim(ids[1], { holder: you, leaseMs, keep: false }));
      granted(await claims.claim(ids[2], { holder: me, leaseMs, keep: false }));
      const ended = await claims.releaseHolder(me, eviction);
      expect(ended.map(({ taskId }) => taskId)).toEqual([ids[0], ids[2]]);
      expect((await claims.list()).map(({ taskId }) => taskId)).toEqual([ids[1]]);
      expect(await claims.releaseHolder(me, eviction)).toEqual([]);
    });

    it("a claim whose task was removed is given back without a word, and lasts no longer", async () => {
      const { claims, id, remove } = await setUp();
      const claim = granted(await claims.claim(id, { holder: me, leaseMs }));
      await remove(id, claim);
      await claim.release();
      expect(claim.held).toBe(false);
      expect(await claims.list()).toEqual([]);
    });

    it("refuses a lease that no instant can end", async () => {
      const { claims, id } = await setUp();
      for (const wrong of [0, -1, Number.NaN, 1e17])
        await expect(claims.claim(id, { holder: me, leaseMs: wrong })).rejects.toThrow(RangeError);
      const claim = granted(await claims.claim(id, { holder: me, leaseMs, keep: false }));
      await expect(claims.renew(id, claim, { leaseMs: 1e17 })).rejects.toThrow(/leaseMs/);
      expect(await claims.inspect(id)).toMatchObject({ holder: me, state: "held" });
    });

    it("refuses what is no claim, and a task that is not there", async () => {
      const { claims, id, missing } = await setUp();
      expect(await codeOf(claims.claim(missing, { holder: me, leaseMs }))).toBe("ERR_TASK_NOT_FOUND");
      await expect(claims.claim(id, { holder: "" })).rejects.toThrow(TypeError);
      await expect(claims.claim(id, { holder: me, leaseMs: 0 })).rejects.toThrow(RangeError);
      await expect(claims.claim(id, { holder: me, leaseMs: "1" as never })).rejects.toThrow(TypeError);
      await expect(claims.release(id, { holder: me, token: "x" })).rejects.toThrow(TypeError);
      expect(await claims.inspect(id)).toBeUndefined();
      expect(await codeOf(claims.renew(id, { holder: me, token: "1" }))).toBe("ERR_LEASE_LOST");
    });

    it("keepSweeping ends what is over, again and again, until it is told to stop", async () => {
      const { claims, ids, clock } = await setUp();
      const stop = new AbortController();
      const ended: unknown[] = [];
      for (const id of ids.slice(0, 2)) await claims.claim(id, { holder: me, leaseMs: 1_000, keep: false });
      clock.pass(2_000);
      const onSwept = (swept: readonly { readonly taskId: unknown }[]): void => {
        ended.push(...swept.map(({ taskId }) => taskId));
        if (ended.length > 2) return stop.abort();
        void claims.claim(ids[2], { holder: you, leaseMs: 1_000, keep: false }).then(() => clock.pass(2_000));
      };
      await keepSweeping(claims, { signal: stop.signal, intervalMs: 1, onSwept });
      expect(new Set(ended)).toEqual(new Set(ids));
      expect(await claims.list({ expired: true })).toEqual([]);
      await keepSweeping(claims, { signal: stop.signal }); // told already
      await expect(keepSweeping(claims, { signal: stop.signal, intervalMs: 0 })).rejects.toThrow(RangeError);
    });
  });
}
