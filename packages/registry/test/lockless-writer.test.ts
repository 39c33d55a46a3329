/** A program of another kind, a process of its own, that rewrites a file without our lock while we are about to change it. */
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileStore, identifyProcess, type Store } from "@flockwork/core";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { realFileSystem, substituteFileSystem } from "../../core/src/platform/file-system.ts";
import { agentRegistry, configFile, machineRegistry, townState } from "../src/index.ts";
import { readJson, temporaryDirectory, Worker } from "../../../toolchain/testing/surroundings.ts";

const gone = { ...identifyProcess(), startTicks: "1" };
let directory = "";
let store: Store;
beforeEach(() => {
  directory = temporaryDirectory();
  store = fileStore(directory);
});
const content = (name: string) => readJson(join(directory, name)) as Readonly<Record<string, unknown>>;

type Change = (file: Record<string, unknown>, time: number) => void;

/** Rewrites a file in the way of jq and mv. */
function rewrite(name: string, change: (file: Record<string, unknown>) => void): void {
  const path = join(directory, name);
  const file = existsSync(path) ? content(name) : {};
  change(file);
  const script = 'cat > "$0.tmp" && mv "$0.tmp" "$0"';
  const { status } = spawnSync("sh", ["-c", script, path], { input: JSON.stringify(file, null, 2) });
  expect(status).toBe(0);
}

/** Lets another program change a file twice, each time right before our commit. Returns what ends that, and says how often it did. */
function meanwhile(name: string, change: Change): () => number {
  const path = join(directory, name);
  let times = 0;
  const restore = substituteFileSystem({
    lstatSync: (each) => {
      const stats = realFileSystem.lstatSync(each);
      if (each === path && times < 2) rewrite(name, (file) => change(file, (times += 1)));
      return stats;
    },
  });
  onTestFinished(restore);
  return () => {
    restore();
    return times;
  };
}

const another: Change = (file, time) => {
  file["another's"] = { status: `for the ${time}. time` };
};

describe("P1: a change is made on top of what a program that takes no lock wrote meanwhile", () => {
  it("of machines; but not where it is bound to a revision", async () => {
    const machines = machineRegistry(store, { durability: "os" });
    await machines.add({ name: "first", type: "ssh", host: "h" });
    const { revision } = await machines.listWithRevision();
    const done = meanwhile("machines.json", (file, time) => {
      const theirs = file["machines"] as Record<string, unknown>;
      theirs["theirs"] = { name: "theirs", type: "ssh", host: `h${time}` };
      delete theirs["first"];
    });
    await machines.add({ name: "ours", type: "ssh", host: "h" });
    expect(done()).toBe(2);
    expect(Object.keys(content("machines.json")["machines"] as object).toSorted()).toEqual([
      "local",
      "ours",
      "theirs",
    ]);
    await expect(
      machines.add({ name: "late", type: "ssh", host: "h" }, { expectedRevision: revision }),
    ).rejects.toMatchObject({ code: "ERR_REVISION_CONFLICT" });
  });

  it("of agents: registering, beating, saying what they do, leaving", async () => {
    const agents = agentRegistry(store, { durability: "os" });
    await agents.register({ id: "first" });
    const acts: (() => Promise<unknown>)[] = [];
    let generation = "";
    acts.push(async () => ({ generation } = await agents.register({ id: "ours" })));
    acts.push(() => agents.heartbeat("ours", generation));
    acts.push(() => agents.updateAgentStatus("ours", "working", { timeoutMs: 5_000 }));
    acts.push(async () => expect(await agents.unregister("ours", generation)).toBe(true));
    for (const act of acts) {
      const done = meanwhile("registry.json", another);
      await act();
      expect(done()).toBe(2);
      expect(content("registry.json")).toMatchObject({
        "another's": { status: "for the 2. time" },
        first: {},
      });
    }
    expect((await agents.whyDead("ours"))?.generation).toBe(generation);
  });

  it("of agents that beat together: each has its own result, and its own error", async () => {
    const agents = agentRegistry(store, { durability: "os" });
    const registered = await Promise.all(["a", "b", "c"].map((id) => agents.register({ id })));
    const done = meanwhile("registry.json", (file, time) => {
      another(file, time);
      delete file["b"];
    });
    const beats = await Promise.allSettled(
      registered.map(({ id, generation }) => agents.heartbeat(id, generation)),
    );
    expect(done()).toBe(2);
    expect(
      beats.map((each) => (each.status === "rejected" ? (each.reason as { code: string }).code : "beat")),
    ).toEqual(["beat", "ERR_STALE_GENERATION", "beat"]);
  });

  it("of an eviction and its effects, in one commit and once, whichever of its files was written", async () => {
    const claims = store.document<Record<string, unknown>>({
      name: "claims.json",
      defaults: () => ({}),
      durability: "os",
    });
    const audit = store.log<{ id: string }>({ name: "audit.jsonl", durability: "os" });
    const agents = agentRegistry(store, { durability: "os" });
    let [beside, times] = ["", 0];
    agents.onDeath("*", {
      name: "release",
      members: { claims, audit },
      run({ id }, drafts) {
        for (const [task, owner] of Object.entries(drafts.claims.draft))
          if (owner === id) delete drafts.claims.draft[task];
        drafts.audit.append({ id });
        if (times < 2) rewrite(beside, (file) => another(file, (times += 1)));
      },
    });
    for (const file of ["registry.json", "claims.json"]) {
      const id = `dies beside ${file}`;
      await agents.register({ id, process: gone });
      await claims.update((draft) => void (draft["task"] = id));
      [beside, times] = [file, 0];
      const { evicted, failed } = await agents.sweep();
      expect([times, failed, evicted.map((death) => death.id)]).toEqual([2, [], [id]]);
      expect(content(file)["another's"]).toEqual({ status: "for the 2. time" });
    }
    expect(content("claims.json")).toEqual({ "another's": { status: "for the 2. time" } });
    expect(await audit.read()).toEqual([
      { id: "dies beside registry.json" },
      { id: "dies beside claims.json" },
    ]);
  });

  it("of settings, and of the town's state", async () => {
    const config = configFile(store);
    const town = townState(store);
    await config.set("editor.tabs", 2);
    await town.disable();
    for (const [name, act] of [
      ["config.json", () => config.set("editor.tabs", 4)],
      ["config.json", () => config.unset("editor.tabs")],
      ["state.json", () => town.enable("1.0.0")],
    ] as const) {
      const done = meanwhile(name, another);
      await act();
      expect(done()).toBe(2);
    }
    expect(content("config.json")).toEqual({ editor: {}, "another's": { status: "for the 2. time" } });
    expect(content("state.json")).toMatchObject({
      enabled: true,
      "another's": { status: "for the 2. time" },
    });
  });
});

it("a change gives up beside a program that does not stop writing, when its time is over, and with its signal", async () => {
  const config = configFile(store, { durability: "os" });
  await config.set("a", 1);
  const path = join(directory, "config.json");
  let time = 0;
  const restore = substituteFileSystem({
    lstatSync: (each) => {
      if (each === path) writeFileSync(path, `{"theirs":${(time += 1)}}`);
      return realFileSystem.lstatSync(each);
    },
  });
  onTestFinished(restore);
  await expect(config.set("a", 2, { timeoutMs: 0 })).rejects.toMatchObject({ code: "ERR_REVISION_CONFLICT" });
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  await expect(config.set("a", 2, { timeoutMs: Infinity, signal })).rejects.toBe(reason);
});

it("nothing is refused beside a process that rewrites registry.json all the time without a lock", async () => {
  const agents = agentRegistry(store, { durability: "os" });
  const generations = new Map<string, string>();
  await agents.updateAgentStatus("someone", "here");
  const neighbour = new Worker(
    new URL("./fixtures/lockless-rewriter.ts", import.meta.url),
    join(directory, "registry.json"),
  );
  await neighbour.sent(1);
  let beats = 0;
  for (let at = 0; at < 80; at += 1) {
    const id = `agent-${at % 10}`;
    const generation = generations.get(id);
    const outcome =
      generation === undefined ? "new" : await agents.heartbeat(id, generation).then(beat, stale);
    // What it had read before we registered, it has written since: then we are told, and register again.
    if (outcome === "beat") beats += 1;
    else generations.set(id, (await agents.register({ id })).generation);
  }
  await neighbour.kill();
  expect(beats).toBeGreaterThan(0);
  expect(content("registry.json")["someone"]).toMatchObject({ status: "here" });
});

const beat = () => "beat" as const;

/** The one reason there may be. */
function stale(error: { readonly code: string }): "stale" {
  expect(error.code).toBe("ERR_STALE_GENERATION");
  return "stale";
}
