/**
 * One process of the registry rows. Arguments: way, directory, durability, sync or own name. A line is a count of operations.
 * Answers with mean costs, or with the median latency.
 */
import {
  closeSync,
  fsync as fsyncWithCallback,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { acquireLockSync, fileStore, type Durability } from "@flockwork/core";
import { agentRegistry, machineRegistry, type Registration } from "@flockwork/registry";
import { percentile } from "../../measure/statistics.ts";
import { answerLines, costOf, type Cost } from "../../workers/line-server.ts";

const [way = "", directory = "", extra = "disk"] = process.argv.slice(2);
const store = fileStore(directory);
const path = join(directory, "machines.json");
const agentCount = 1_000;
const fsync = promisify(fsyncWithCallback);
let turn = 0;

/** What heartbeats cost, and how many of them the file does not have. */
export interface Beats extends Cost {
  readonly lost: number;
}

/** Ten machines, as a town has them. */
async function someMachines(): Promise<void> {
  const machines = machineRegistry(store);
  for (let at = 0; at < 10; at += 1) await machines.add({ name: `machine-${at}`, type: "ssh", host: "h" });
}

async function timed(count: number, write: () => unknown): Promise<{ readonly p50Us: number }> {
  const latencies: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const startedAt = performance.now();
    await write();
    latencies.push((performance.now() - startedAt) * 1_000);
  }
  return { p50Us: percentile(latencies, 0.5) };
}

/** The least that a durable change of the file takes: lock, read, write beside it, sync, rename, sync the directory. */
async function rawWrite(flush: (fd: number) => void | Promise<void>): Promise<void> {
  const lock = acquireLockSync(path, "exclusive");
  const file = JSON.parse(readFileSync(path, "utf8")) as { machines: Record<string, { host: string }> };
  const machine = file.machines["machine-5"];
  if (machine !== undefined) machine.host = `h${(turn += 1)}`;
  const staged = openSync(`${path}.raw`, "w");
  writeSync(staged, JSON.stringify(file, null, 2));
  await flush(staged);
  closeSync(staged);
  renameSync(`${path}.raw`, path);
  const parent = openSync(directory, "r");
  await flush(parent);
  closeSync(parent);
  lock.releaseSync();
}

const ways: Readonly<Record<string, () => Promise<(count: number) => unknown>>> = {
  async get() {
    await someMachines();
    const machines = machineRegistry(store);
    return (count) =>
      costOf(count, async () => {
        for (let at = 0; at < count; at += 1) await machines.get("machine-5");
      });
  },
  stat() {
    writeFileSync(path, "{}");
    return Promise.resolve((count) =>
      costOf(count, () => {
        for (let at = 0; at < count; at += 1) statSync(path, { bigint: true });
      }),
    );
  },
  async write() {
    await someMachines();
    const machines = machineRegistry(store, { durability: extra as Durability });
    return (count) => timed(count, () => machines.update("machine-5", { host: `h${(turn += 1)}` }));
  },
  async raw() {
    await someMachines();
    return (count) => timed(count, () => rawWrite(extra === "blocking" ? fsyncSync : fsync));
  },
  async heartbeat() {
    const agents = agentRegistry(store);
    const ids = Array.from({ length: agentCount }, (_, at) => `agent-${at}`);
    const all: readonly Registration[] = await Promise.all(ids.map((id) => agents.register({ id })));
    const beat = ({ id, generation }: Registration): Promise<void> => agents.heartbeat(id, generation);
    return async (count): Promise<Beats> => {
      const beaten = all.slice(0, count);
      const since = new Date().toISOString();
      await delay(2); // what was seen within the same millisecond may be older
      const cost = await costOf(count, async () => {
        if (count === agentCount) await Promise.all(beaten.map(beat));
        else for (const each of beaten) await beat(each);
      });
      const seenAt = new Map(
        (await agentRegistry(fileStore(directory)).list()).map((each) => [each.id, each.lastSeenAt]),
      );
      return { ...cost, lost: beaten.filter(({ id }) => !((seenAt.get(id) ?? "") > since)).length };
    };
  },
  /** Two adds, an update and a remove in turn: every other machine stays, each with what its update set. */
  mixed() {
    const machines = machineRegistry(store);
    return Promise.resolve((count) =>
      costOf(count, async () => {
        for (let at = 0; at < count; at += 1) {
          const name = `${extra}-${Math.floor(at / 4)}-${at % 2 === 0 ? "kept" : "gone"}`;
          if (at % 4 < 2) await machines.add({ name, type: "ssh", host: "h" });
          else if (at % 4 === 2) await machines.update(name, { host: `updated ${name}` });
          else await machines.remove(name);
        }
      }),
    );
  },
};

const perform = await ways[way]?.();
await answerLines((line) => perform?.(Number(line)));
