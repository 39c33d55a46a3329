/** How many ends are remembered, and what goes with the memory of one. */
import { fileStore, type Store } from "@flockwork/core";
import { beforeEach, expect, it } from "vitest";
import { agentRegistry } from "../../src/index.ts";
import { FakeClock } from "../../../../toolchain/testing/fake-clock.ts";
import { temporaryDirectory } from "../../../../toolchain/testing/surroundings.ts";

let store: Store;
let clock: FakeClock;
beforeEach(() => {
  store = fileStore(temporaryDirectory());
  clock = new FakeClock();
});

it("remembers as many ends as it is told to, and always the latest", async () => {
  const few = agentRegistry(store, { clock, durability: "os", keepEnds: 3 });
  for (const id of ["a", "b", "c", "d", "e"]) {
    const { generation } = await few.register({ id });
    await few.unregister(id, generation);
  }
  const remembered = await Promise.all(["a", "b", "c", "d", "e"].map((id) => few.whyDead(id)));
  expect(remembered.map((death) => death !== undefined)).toEqual([false, false, true, true, true]);
});

it("keeps what other programs put into the entry of an agent whose end it forgets, and lists it no more", async () => {
  const few = agentRegistry(store, { clock, durability: "os", keepEnds: 1 });
  const document = store.document<Record<string, object>>({ name: "registry.json", layout: "gastown" });
  const generations = new Map<string, string>();
  for (const id of ["noted", "spoke", "plain", "last"])
    generations.set(id, (await few.register({ id })).generation);
  await document.update((draft) => void Object.assign(draft["noted"] ?? {}, { note: "theirs" }));
  for (const [id, generation] of generations) {
    await few.unregister(id, generation);
    if (id === "spoke") await few.updateAgentStatus(id, "said after the end");
  }
  const file = await document.read();
  expect(Object.keys(file)).toEqual(["noted", "spoke", "last"]);
  expect(file["noted"]).toMatchObject({ note: "theirs" });
  expect(await few.getAgentStatus("spoke")).toBe("said after the end");
  expect(await few.list()).toEqual([]);
  for (const id of generations.keys()) await few.register({ id });
  expect((await few.list()).map(({ id }) => id)).toEqual(["last", "noted", "plain", "spoke"]);
  expect((await document.read())["noted"]).toMatchObject({ note: "theirs" });
});

it("of many agents that leave at once remembers the latest, and each learns that it left", async () => {
  const few = agentRegistry(store, { clock, durability: "os", keepEnds: 10 });
  const ids = Array.from({ length: 100 }, (_, at) => `agent-${at}`);
  const all = await Promise.all(ids.map((id) => few.register({ id })));
  const left = await Promise.all(all.map(({ id, generation }) => few.unregister(id, generation)));
  expect(left).toEqual(ids.map(() => true));
  const remembered = await Promise.all(ids.map((id) => few.whyDead(id)));
  expect(remembered.flatMap((death) => death?.id ?? [])).toEqual(ids.slice(-10));
  const oldest = all[0]?.generation ?? "";
  await expect(few.watch({ fromRevision: oldest }).next()).rejects.toMatchObject({
    code: "ERR_REVISION_TOO_OLD",
  });
});
