import { grantLease, memoryStore, type LeaseRecord, type Store } from "@flockwork/core";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { openBeads, type Beads } from "../src/index.ts";
import { beadsDirectory } from "./support/directory.ts";
import { dependencyOf, issueOf } from "./support/issues.ts";

const places: readonly (readonly [string, () => Beads])[] = [
  ["files", () => openBeads(beadsDirectory())],
  ["a memory store", () => openBeads({ store: memoryStore() as Store })],
];

describe.each(places)("claims in %s", (_, open) => {
  it("P1: of many who claim one issue at once, one gets it; the actor who has it gets it again", async () => {
    const beads = open();
    await beads.append(issueOf("bd-a"));
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (__, n) => beads.claim("bd-a", { actor: `agent-${n}` })),
    );
    const won = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    expect(won).toHaveLength(1);
    expect(results.filter(({ status }) => status === "rejected")).toMatchObject(
      Array.from({ length: 7 }, () => ({ reason: { code: "ERR_ALREADY_CLAIMED", id: "bd-a" } })),
    );
    const actor = won[0]?.actor ?? "";
    expect(await beads.get("bd-a")).toMatchObject({ status: "in_progress", assignee: actor });
    expect(await beads.claim("bd-a", { actor })).toMatchObject({ receipt: { changed: false } });
    await won[0]?.release();
    const released = await beads.get("bd-a");
    expect(released?.status).toBe("open");
    expect(released).not.toHaveProperty("assignee");
  });

  it("only open issues can be claimed, and only by those they are assigned to", async () => {
    const beads = open();
    await beads.append(issueOf("bd-closed", { status: "closed", closed_at: "2026-01-01T00:00:00Z" }));
    await beads.append(issueOf("bd-blocked", { status: "blocked" }));
    await beads.append(issueOf("bd-ann", { assignee: "ann" }));
    for (const id of ["bd-closed", "bd-blocked"])
      await expect(beads.claim(id, { actor: "bob" })).rejects.toMatchObject({
        code: "ERR_NOT_CLAIMABLE",
        id,
      });
    await expect(beads.claim("bd-ann", { actor: "bob" })).rejects.toMatchObject({ assignee: "ann" });
    await beads.claim("bd-ann", { actor: "ann" });
    await expect(beads.claim("bd-none", { actor: "ann" })).rejects.toMatchObject({
      code: "ERR_BEAD_NOT_FOUND",
    });
  });

  it("claimReady hands out each ready issue once, most important first", async () => {
    const beads = open();
    for (const [id, priority] of [
      ["bd-a", 2],
      ["bd-b", 0],
      ["bd-c", 1],
    ] as const)
      await beads.append(issueOf(id, { priority }));
    await beads.append(issueOf("bd-d", { priority: 0, dependencies: [dependencyOf("bd-d", "bd-a")] }));
    const claims = await Promise.all([1, 2, 3, 4].map((n) => beads.claimReady({ actor: `a${n}` })));
    expect(new Set(claims.map((claim) => claim?.id))).toEqual(new Set(["bd-a", "bd-b", "bd-c", undefined]));
    expect(claims[0]?.id).toBe("bd-b");
  });

  it("P7: the fence of a claim goes with its writes, and a stale one is refused, loudly", async () => {
    const beads = open();
    await beads.append(issueOf("bd-a"));
    const first = await beads.claim("bd-a", { actor: "agent", leaseMs: 60_000 });
    await beads.update("bd-a", { notes: "working" }, { fence: first.fence });
    const again = await beads.claim("bd-a", { actor: "agent", leaseMs: 60_000 }); // a new run of the same agent
    expect(BigInt(again.fence?.token ?? 0)).toBeGreaterThan(BigInt(first.fence?.token ?? 0));
    const before = await beads.get("bd-a");
    for (const write of [
      beads.update("bd-a", { notes: "late" }, { fence: first.fence }),
      beads.close("bd-a", { fence: first.fence }),
      beads.comment("bd-a", { author: "agent", text: "late" }, { fence: first.fence }),
      beads.batchUpdate([{ id: "bd-a", change: { notes: "late" } }], { fence: first.fence }),
    ])
      await expect(write).rejects.toMatchObject({ code: "ERR_STALE_FENCING_TOKEN" });
    await expect(first.renew()).rejects.toMatchObject({ code: "ERR_STALE_FENCING_TOKEN" });
    expect(first.signal.aborted).toBe(true);
    expect(await beads.get("bd-a")).toEqual(before);
    await expect(beads.claim("bd-a", { actor: "other" })).rejects.toMatchObject({
      code: "ERR_ALREADY_CLAIMED",
    });
    await again.release();
    await expect(beads.update("bd-a", {}, { fence: again.fence })).rejects.toMatchObject({
      code: "ERR_LEASE_LOST",
    });
    const other = await beads.claim("bd-a", { actor: "other", leaseMs: 60_000 });
    expect(BigInt(other.fence?.token ?? 0)).toBeGreaterThan(BigInt(again.fence?.token ?? 0));
    await other.release();
  });

  it("P7: a stale fence of a claim is refused whatever is written under it, and tells its holder", async () => {
    const beads = open();
    for (const id of ["bd-a", "bd-b"]) await beads.append(issueOf(id));
    const first = await beads.claim("bd-a", { actor: "agent", leaseMs: 60_000 });
    const { fence } = first;
    await beads.update("bd-b", { notes: "under the claim of another" }, { fence });
    await beads.append(issueOf("bd-c"), { fence });
    const again = await beads.claim("bd-a", { actor: "agent", leaseMs: 60_000 });
    const before = await beads.list();
    for (const write of [
      () => beads.update("bd-b", { notes: "late" }, { fence }),
      () => beads.batchUpdate([{ id: "bd-b", change: { notes: "late" } }], { fence }),
      () => beads.create({ title: "late" }, { fence }),
      () => beads.append(issueOf("bd-d"), { fence }),
      () => beads.addDependency("bd-b", "bd-c", { fence }),
      () => beads.claim("bd-b", { actor: "agent" }, { fence }),
      () => beads.claimReady({ actor: "agent" }, { fence }),
      () => beads.compact({ fence }),
    ]) {
      await expect(write()).rejects.toMatchObject({ code: "ERR_STALE_FENCING_TOKEN" });
      expect(first.signal.aborted).toBe(true);
    }
    // Only the issues know of it: a write that cannot check it is refused.
    await expect(beads.interactions.append({ kind: "label" }, { fence })).rejects.toMatchObject({
      code: "ERR_UNSUPPORTED",
    });
    const gone = { fence: { name: "bead:bd-none", token: "1" } };
    await expect(beads.update("bd-b", { notes: "late" }, gone)).rejects.toMatchObject({
      code: "ERR_LEASE_LOST",
    });
    expect(await beads.list()).toEqual(before);
    await again.release();
  });

  it("a claim whose lease is over can be taken over; one that is renewed cannot", async () => {
    const beads = open();
    await beads.append(issueOf("bd-a"));
    await beads.append(issueOf("bd-b"));
    const kept = await beads.claim("bd-b", { actor: "ann", leaseMs: 12_000, graceMs: 0 });
    const lost = await beads.claim("bd-a", { actor: "ann", leaseMs: 300, graceMs: 0 });
    const fence = { name: lost.fence?.name ?? "", token: lost.fence?.token ?? "" };
    // Its renewals are stopped as those of a process that hangs, and its time is made to pass.
    await lost.release();
    const { issue } = await beads.update("bd-a", {
      status: "in_progress",
      assignee: "ann",
      flockwork_lease: {
        ...(lost.receipt.issue.flockwork_lease as LeaseRecord),
        leaseMs: 1,
        expiresAt: "2026-01-01T00:00:00Z",
        monotonic: undefined,
      },
    });
    expect(issue.flockwork_lease?.token).toBe(fence.token);
    const taken = await beads.claim("bd-a", { actor: "bob", leaseMs: 60_000 });
    await expect(beads.update("bd-a", { notes: "late" }, { fence })).rejects.toMatchObject({
      code: "ERR_STALE_FENCING_TOKEN",
    });
    while (
      kept.receipt.issue.flockwork_lease?.renewedAt === (await beads.get("bd-b"))?.flockwork_lease?.renewedAt
    )
      await delay(20);
    await expect(beads.claim("bd-b", { actor: "bob" })).rejects.toMatchObject({
      code: "ERR_ALREADY_CLAIMED",
    });
    expect(kept.held).toBe(true);
    await Promise.all([kept.release(), taken.release()]);
  });

  it("a claim without a lease, made after one with a lease was given back, is nobody else's to take", async () => {
    const beads = open();
    await beads.append(issueOf("bd-a"));
    await (await beads.claim("bd-a", { actor: "ann", leaseMs: 60_000 })).release();
    await beads.claim("bd-a", { actor: "bob" });
    await expect(beads.claim("bd-a", { actor: "cid", leaseMs: 60_000 })).rejects.toMatchObject({
      code: "ERR_ALREADY_CLAIMED",
      assignee: "bob",
    });
    expect(await beads.get("bd-a")).toMatchObject({ status: "in_progress", assignee: "bob" });
  });

  it("a lease that is over says nothing of an issue that another program gave to somebody else meanwhile", async () => {
    const beads = open();
    await beads.append(
      issueOf("bd-a", { status: "in_progress", assignee: "bob", flockwork_lease: overLease("ann") }),
    );
    await expect(beads.claim("bd-a", { actor: "cid" })).rejects.toMatchObject({ assignee: "bob" });
    expect(await beads.claimReady({ actor: "cid" })).toBeUndefined();
  });

  it("claimReady also hands out what somebody claimed whose lease is over, after what is open and as important", async () => {
    const beads = open();
    const claimed = { status: "in_progress", assignee: "ann", flockwork_lease: overLease("ann") };
    await beads.append(issueOf("bd-dead", { ...claimed, priority: 1 }));
    await beads.append(issueOf("bd-later", { priority: 2 }));
    await beads.append(issueOf("bd-kept", { status: "in_progress", assignee: "ann", priority: 0 }));
    expect((await beads.ready()).map(({ id }) => id)).toEqual(["bd-later"]);
    const ids: (string | undefined)[] = [];
    for (const actor of ["bob", "cid", "dan"]) ids.push((await beads.claimReady({ actor }))?.id);
    expect(ids).toEqual(["bd-dead", "bd-later", undefined]);
    expect(await beads.get("bd-dead")).toMatchObject({ assignee: "bob" });
  });
});

describe("leases that others wrote", () => {
  it("P7: nobody is granted an issue whose last token has none above it, and others are claimed", async () => {
    const beads = openBeads(beadsDirectory());
    const lease = { ...overLease("ann"), token: "9".repeat(38), releasedAt: "2026-01-01T00:00:00Z" };
    const flockwork_lease = lease as LeaseRecord;
    await beads.append(issueOf("bd-a", { priority: 0, flockwork_lease }));
    await beads.append(issueOf("bd-b", { priority: 1 }));
    for (const actor of ["bob", "cid"])
      await expect(beads.claim("bd-a", { actor, leaseMs: 1_000 })).rejects.toMatchObject({
        code: "ERR_UNSUPPORTED",
        message: expect.stringContaining("bead:bd-a"),
      });
    expect(await beads.get("bd-a")).toMatchObject({ status: "open", flockwork_lease });
    expect((await beads.claimReady({ actor: "bob", leaseMs: 60_000 }))?.id).toBe("bd-b");
    expect(await beads.claimReady({ actor: "cid", leaseMs: 60_000 })).toBeUndefined();
  });
});

/** A lease that nobody renewed for long. */
function overLease(holder: string): LeaseRecord | undefined {
  return grantLease(undefined, { holder, leaseMs: 1, graceMs: 0, now: Date.parse("2026-01-01") });
}
