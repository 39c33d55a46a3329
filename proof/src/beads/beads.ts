/** Many agents on one `.beads` directory, whole and killed: no write is lost, no id given twice, no line torn, no batch parted. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBeads, type Issue } from "@flockwork/beads";
import type { Part, PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";

export interface BeadsSizes {
  readonly agents: number;
  readonly writes: number;
  /** Writes of each agent where each of them writes the whole file. */
  readonly rewrites: number;
  readonly kills: number;
}

export const beadsSizes: Readonly<Record<"test" | "short" | "long", BeadsSizes>> = {
  test: { agents: 4, writes: 15, rewrites: 5, kills: 4 },
  short: { agents: 8, writes: 50, rewrites: 15, kills: 8 },
  long: { agents: 30, writes: 200, rewrites: 50, kills: 100 },
};

export const beads: Part = (context) => runBeads(context, context.long ? beadsSizes.long : beadsSizes.short);

export async function runBeads({ tally, random, say }: PartContext, sizes: BeadsSizes): Promise<void> {
  const { agents, writes, rewrites, kills } = sizes;
  const cases: readonly (readonly [string, Fleet])[] = [
    [`P1, P3: ${agents} agents append ${writes} mixed writes each`, { agents, writes, sqlite: false }],
    [
      `P1, P3: ${agents} agents write whole files ${rewrites} times each`,
      { agents, writes: rewrites, sqlite: true },
    ],
    [
      `P2, P5: ${kills} agents are killed at random moments`,
      { agents: kills, writes: 1_000_000, sqlite: false, killAfter: () => Math.floor(random.next() * 40) },
    ],
  ];
  for (const [name, fleet] of cases) {
    say(name);
    await tally.check(name, async () => {
      const told = await withTemporaryDirectory((root) => runFleet(root, fleet));
      tally.count("agents", fleet.agents);
      tally.count("acknowledged", told.length);
      if (fleet.killAfter !== undefined) tally.count("killed", fleet.agents);
    });
  }
}

interface Fleet {
  readonly agents: number;
  readonly writes: number;
  readonly sqlite: boolean;
  /** Kills an agent after so many acknowledged writes. */
  readonly killAfter?: () => number;
}

interface Told {
  readonly created?: string;
  readonly comment?: string;
  readonly label?: string;
  readonly closed?: string;
  readonly claimed?: string;
}

/** At most so many run at once where they are killed one after the other. */
const atOnce = 6;

/** @returns What was acknowledged. */
async function runFleet(root: string, fleet: Fleet): Promise<readonly Told[]> {
  const directory = join(root, ".beads");
  mkdirSync(directory);
  if (fleet.sqlite) writeFileSync(join(directory, "beads.db"), "");
  const names = Array.from({ length: fleet.agents }, (_, n) => `agent${n}`);
  const now = new Date().toISOString();
  const blocked = { title: "shared", status: "blocked", priority: 2, created_at: now, updated_at: now };
  const lines = ["bd-shared", ...names.map((name) => `bd-log-${name}`)].map((id) =>
    JSON.stringify({ id, ...blocked }),
  );
  writeFileSync(join(directory, "issues.jsonl"), `${lines.join("\n")}\n`);
  const told: Told[] = [];
  const waiting = names.map((name) => () => runAgent(directory, name, fleet, told));
  const lanes = fleet.killAfter === undefined ? waiting.length : atOnce;
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) await run();
    }),
  );
  await judge(directory, told, fleet);
  return told;
}

async function runAgent(directory: string, name: string, fleet: Fleet, told: Told[]): Promise<void> {
  const writes = fleet.killAfter?.() ?? Infinity;
  let acknowledged = 0;
  let isDone = false;
  const agent = Program.node(new URL("agent.ts", import.meta.url), [directory, name, `${fleet.writes}`], {
    onLine: (line) => {
      if (line === "done") isDone = true;
      else {
        told.push(JSON.parse(line) as Told);
        acknowledged += 1;
        if (acknowledged >= writes) agent.kill();
      }
    },
  });
  const { code, signal, errors } = await agent.exited;
  const isAsMeant = fleet.killAfter === undefined ? isDone && code === 0 : signal === "SIGKILL";
  ok(isAsMeant, `${name} ended with ${code ?? signal}: ${errors}`);
}

/** Every acknowledged write is there; with agents that lived, nothing else is. */
async function judge(directory: string, told: readonly Told[], fleet: Fleet): Promise<void> {
  const text = readFileSync(join(directory, "issues.jsonl"), "utf8").split("\n");
  const tail = text.pop();
  if (fleet.killAfter === undefined) equal(tail, "", "the last line has no end");
  for (const line of text) JSON.parse(line);
  const store = openBeads(directory);
  const issues = new Map<string, Issue>((await store.list()).map((issue) => [issue.id, issue]));
  const all = <K extends keyof Told>(key: K): NonNullable<Told[K]>[] =>
    told.flatMap((each) => each[key] ?? []);
  const created = all("created");
  equal(new Set(created).size, created.length, "an id was given twice");
  for (const id of created) ok(issues.has(id), `${id} was acknowledged and is lost`);
  const claimed = all("claimed");
  equal(new Set(claimed).size, claimed.length, "an issue was claimed twice");
  for (const id of all("closed"))
    equal(issues.get(id)?.status, "closed", `closing ${id} was acknowledged and is lost`);
  const shared = issues.get("bd-shared");
  const comments = new Set(shared?.comments?.map(({ text: words }) => words));
  for (const comment of all("comment")) ok(comments.has(comment), `the comment ${comment} is lost`);
  for (const label of all("label"))
    ok(shared?.labels?.includes(label) === true, `the label ${label} is lost`);
  // Of a batch, both changes are there or neither is.
  const noted = [...issues.values()].flatMap(({ id, notes = "" }) =>
    id.startsWith("bd-log-") ? notes.trim().split("\n") : [],
  );
  const closed = [...issues.values()].filter(({ status }) => status === "closed").map(({ id }) => id);
  deepEqual(noted.filter(Boolean).toSorted(), closed.toSorted(), "a batch was parted");
  const { issue } = await store.create({ title: "by the judge" }); // no lock and no damage keeps the next one out
  ok(
    (await openBeads(directory).list()).some(({ id }) => id === issue.id),
    "the judge's issue is lost",
  );
  if (fleet.killAfter !== undefined) return;
  equal(shared?.comments?.length, all("comment").length, "comments nobody made");
  equal(shared?.labels?.length, all("label").length, "labels nobody set");
  if (fleet.sqlite) equal(text.length, issues.size, "several lines for one issue");
}
