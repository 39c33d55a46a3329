import { fileStore, identifyProcess, type Store } from "@flockwork/core";
import { beforeEach, expect, it } from "vitest";
import { agentRegistry, type AgentEvent, type AgentRegistry } from "../../src/index.ts";
import { temporaryDirectory } from "../../../../toolchain/testing/surroundings.ts";

const gone = { ...identifyProcess(), startTicks: "1" };
let store: Store;
let agents: AgentRegistry;
beforeEach(() => {
  store = fileStore(temporaryDirectory());
  agents = agentRegistry(store, { durability: "os" });
});

/** The next events, as type and id. */
async function next(watch: AsyncIterator<AgentEvent>, count: number): Promise<string[]> {
  const events: string[] = [];
  while (events.length < count) {
    const { value, done } = await watch.next();
    if (done === true) return [...events, "end"];
    events.push(`${value.type} ${value.id}`);
  }
  return events;
}

it("tells who is there, then every transition, and no heartbeat", async () => {
  const { generation } = await agents.register({ id: "a" });
  const watch = agents.watch();
  expect(await next(watch, 1)).toEqual(["registered a"]);
  for (let beat = 0; beat < 5; beat += 1) await agents.heartbeat("a", generation);
  await agents.updateAgentStatus("a", "busy");
  expect(await next(watch, 1)).toEqual(["updated a"]);
  await agents.register({ id: "b", process: gone });
  expect(await next(watch, 1)).toEqual(["registered b"]);
  await agents.sweep();
  expect(await next(watch, 1)).toEqual(["dead b"]);
  await agents.unregister("a", generation);
  expect(await next(watch, 1)).toEqual(["left a"]);
  await agents.updateAgentStatus("a", "said after the end");
  await agents.register({ id: "c" });
  expect(await next(watch, 1)).toEqual(["registered c"]);
  await watch.return?.();
});

it("goes on from a revision: what came later is told, ends among it, in order", async () => {
  await agents.register({ id: "a" });
  const b = await agents.register({ id: "b" });
  const { revision } = await agents.listWithRevision();
  await agents.register({ id: "c", process: gone });
  await agents.unregister("b", b.generation);
  await agents.sweep();
  await agents.register({ id: "d" });
  const watch = agents.watch({ fromRevision: revision });
  expect(await next(watch, 3)).toEqual(["left b", "dead c", "registered d"]);
  const last = (await agents.get("d")).revision;
  await watch.return?.();
  const nothingNew = agents.watch({
    ...(last === undefined ? {} : { fromRevision: last }),
    signal: AbortSignal.timeout(50),
  });
  expect(await next(nothingNew, 1)).toEqual(["end"]);
});

it("says so when ends after the revision have been forgotten", async () => {
  const few = agentRegistry(store, { durability: "os", keepEnds: 2 });
  const old = (await few.register({ id: "old" })).generation;
  const revisions: string[] = [];
  for (const id of ["a", "b", "c", "d"]) {
    const { generation } = await few.register({ id });
    await few.unregister(id, generation);
    revisions.push((await few.listWithRevision()).revision);
  }
  const tooOld = { code: "ERR_REVISION_TOO_OLD", revision: old };
  await expect(few.watch({ fromRevision: old }).next()).rejects.toMatchObject(tooOld);
  const watch = few.watch({ fromRevision: revisions[1] ?? "" });
  expect(await next(watch, 2)).toEqual(["left c", "left d"]);
  await watch.return?.();
});

it("tells of every agent that is not there any more, also where no end of it is remembered", async () => {
  const few = agentRegistry(store, { durability: "os", keepEnds: 1 });
  const document = store.document<Record<string, unknown>>({ name: "registry.json", layout: "gastown" });
  const first = await few.register({ id: "forgotten" });
  await few.register({ id: "dropped" });
  await few.register({ id: "stays" });
  const watch = few.watch();
  expect(await next(watch, 3)).toHaveLength(3);
  await few.updateAgentStatus("stays", "busy");
  await few.unregister("forgotten", first.generation);
  const { generation } = await few.register({ id: "short" });
  await few.unregister("short", generation);
  await document.update((draft) => void delete draft["dropped"]);
  expect(await next(watch, 4)).toEqual(["gone forgotten", "gone dropped", "updated stays", "left short"]);
  await watch.return?.();
});

it("refuses a revision that is none", async () => {
  for (const fromRevision of ["", "latest", "-1", 7 as unknown as string])
    await expect(agents.watch({ fromRevision }).next()).rejects.toThrow(/fromRevision must be a revision/);
});

it("tells what other programs write, too", async () => {
  await agents.updateAgentStatus("a", "x");
  const watch = agents.watch();
  expect(await next(watch, 1)).toEqual(["updated a"]);
  await store
    .document<Record<string, object>>({ name: "registry.json", layout: "gastown" })
    .update((draft) => {
      draft["foreign"] = { Status: "hello" };
    });
  expect(await next(watch, 1)).toEqual(["updated foreign"]);
  await watch.return?.();
});

it("ends with its signal", async () => {
  const controller = new AbortController();
  const watch = agents.watch({ signal: controller.signal });
  const ended = next(watch, 1);
  controller.abort();
  expect(await ended).toEqual(["end"]);
});
