/** Random histories of a queue, with kills, through the history checker; and the order of groups, from the files. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  checkQueue,
  tellFindings,
  type QueueHistory,
  type QueueInput,
  type QueueOutput,
} from "../checker/library/index.ts";
import { fileStore, systemClock } from "../harness/core.ts";
import { inParallel } from "../harness/in-parallel.ts";
import type { PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { HistoryProgram } from "./history-program.ts";
import { openQueue } from "./package.ts";

type Call = QueueHistory[number];

const callsPerClient = 25;
const programs = 3;
/** Histories that are recorded at the same time. */
const atOnce = 2;

/** Runs histories until there are so many. Each has 3 programs of 3 clients; one or two programs are killed on the way. */
export async function randomHistories({ tally, random, say }: PartContext, count: number): Promise<void> {
  for (const name of ["histories", "calls", "unanswered"]) tally.count(name, 0);
  const pool: HistoryProgram[] = [];
  const seeds = Array.from({ length: count }, () => random.between(0, 2 ** 31));
  let done = 0;
  await inParallel(atOnce, [...seeds.entries()], async ([at, seed]) => {
    await tally.check(
      `history ${at}: nothing lost, nothing twice, no word from a claim that is over`,
      async () => {
        await withTemporaryDirectory(async (directory) => {
          const history = await record(directory, seed, pool);
          tally.count("histories");
          tally.count("calls", history.length);
          tally.count("unanswered", history.filter(({ output }) => output === undefined).length);
          const findings = checkQueue(history);
          if (findings.length > 0) throw new Error(`seed ${seed}: ${tellFindings(findings)}`);
          checkGroups(directory, seed);
        });
      },
    );
    done += 1;
    if (done % 50 === 0) say(`${done} histories`);
  });
  for (const program of pool) await program.kill();
}

/** Programs that live through a history play in the next: starting them is what takes most of the time. */
async function record(directory: string, seed: number, pool: HistoryProgram[]): Promise<QueueHistory> {
  const calls = new Map<string, { -readonly [K in keyof Call]: Call[K] }>();
  const killedAt = new Map<string, number>();
  const clients = Array.from({ length: programs }, (_, at) => {
    const name = `p${at}`;
    const program = pool.pop() ?? new HistoryProgram();
    const ended = program.play(`${directory} ${name} ${seed + at} ${callsPerClient}`, (line) =>
      note(calls, name, line),
    );
    return { name, program, ended };
  });
  const victims = clients.slice(0, 1 + (seed % 2));
  await Promise.all(
    victims.map(async ({ name, program, ended }, at) => {
      while (calls.size < 20 * (at + 1) && !(await isSettled(ended))) await pause(2);
      await program.kill();
      killedAt.set(name, systemClock.monotonic());
    }),
  );
  // All of them, before one is given away: where it plays next it may be killed, and its claims here would end with it.
  await Promise.all(clients.map(({ ended }) => ended));
  const failures: string[] = [];
  for (const { name, program, ended } of clients) {
    const failure = await ended;
    if (failure === undefined && !killedAt.has(name)) pool.push(program);
    else if (failure !== undefined && !killedAt.has(name)) failures.push(failure);
  }
  if (failures.length > 0) throw new Error(failures.join("\n"));
  // Death ends a claim: nobody need wait for its lease.
  const history = [...calls.values()].map((call) => endedByDeath(call, killedAt.get(call.client)));
  return [...history, await drain(directory)];
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return await Promise.race([promise.then(() => true), pause(0).then(() => false)]);
}

function note(
  calls: Map<string, { -readonly [K in keyof Call]: Call[K] }>,
  client: string,
  line: string,
): void {
  const [what = "", id = "", at = "", ...rest] = line.split(" ");
  const said = JSON.parse(rest.join(" "), (key, value: unknown) =>
    key === "token" ? BigInt(String(value)) : value,
  ) as unknown;
  if (what === "begin")
    calls.set(id, {
      client,
      input: said as QueueInput,
      output: undefined,
      begunAt: Number(at),
      endedAt: Infinity,
    });
  const call = calls.get(id);
  if (what !== "end" || call === undefined) return;
  call.output = said as QueueOutput;
  call.endedAt = Number(at);
}

function endedByDeath(call: Call, diedAt: number | undefined): Call {
  const { output } = call;
  if (diedAt === undefined || output?.kind !== "claimed" || output.until === undefined) return call;
  return { ...call, output: { ...output, until: call.begunAt } };
}

async function drain(directory: string): Promise<Call> {
  const begunAt = systemClock.monotonic();
  const queue = openQueue<string>(fileStore(directory), { directory: "queue", durability: "os" });
  const live = await Promise.all(
    (["waiting", "claimed", "delayed", "blocked"] as const).map((state) => queue.list(state)),
  );
  await queue.close();
  const values = live.flat().map(({ payload }) => payload);
  return {
    client: "the end",
    input: { kind: "drain" },
    output: { kind: "drained", values },
    begunAt,
    endedAt: systemClock.monotonic(),
  };
}

interface Line {
  readonly type: string;
  readonly job?: string;
  readonly jobs?: readonly string[];
  readonly dead?: string;
}

/** @throws a job of a group was claimed before one that came earlier was over, or ended after it was over. */
function checkGroups(directory: string, seed: number): void {
  const read = (name: string): unknown[] =>
    readFileSync(join(directory, "queue", name), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as unknown);
  const groups = new Map<string, string[]>();
  const groupOf = new Map<string, string>();
  for (const { id, group } of read("tasks.jsonl") as { id: string; group?: string }[]) {
    if (group === undefined) continue;
    groups.set(group, [...(groups.get(group) ?? []), id]);
    groupOf.set(id, group);
  }
  for (const { type, job, jobs = job === undefined ? [] : [job], dead } of read("events.jsonl") as Line[]) {
    for (const id of jobs) {
      const live = groups.get(groupOf.get(id) ?? "");
      if (live === undefined) continue;
      if (type === "claimed" && live[0] !== id)
        throw new Error(`seed ${seed}: ${id} was claimed while ${live[0]} of its group was not over`);
      if (type !== "completed" && dead === undefined) continue;
      if (live.shift() !== id) throw new Error(`seed ${seed}: ${id} ended before its turn, or twice`);
    }
  }
}
