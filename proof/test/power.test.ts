import { existsSync, readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { Program } from "../src/harness/program.ts";
import { withTemporaryDirectory } from "../src/harness/temporary-directory.ts";
import { runCycles, type Cycle, type Lane } from "../src/power/cycles.ts";
import { Disk, diskKinds, diskRefusal, Keeper } from "../src/power/disk.ts";
import { judge, type Judgement } from "../src/power/judge.ts";
import type { Sabotage } from "../src/power/sabotage.ts";
import { losePower, powerSizes } from "../src/power/power.ts";
import type { Script, Step } from "../src/power/script.ts";
import { examine } from "./support/examine.ts";

vi.setConfig({ testTimeout: 600_000 }); // on a busy machine

const power = powerSizes.test;

test("T4, P3, P5: the power goes again and again, and nothing that was acknowledged at disk is lost, nothing torn", async (context) => {
  const tally = await examine(context, (part) => losePower(part, power));
  expect(tally.counted("by_seed")).toBeGreaterThanOrEqual(power.bySeed);
  expect(tally.counted("listed")).toBeGreaterThanOrEqual(2 * power.listed);
  expect(tally.counted("acked")).toBeGreaterThan(power.bySeed / 4);
});

/** Runs scripts on a few disks of a kind, and judges what they left by the rule of `disk`. */
async function judged(
  kindName: string,
  scripts: readonly Script[],
  sabotage?: Sabotage,
): Promise<(Cycle & Judgement)[] | string> {
  const kind = diskKinds.find(({ name }) => name === kindName);
  if (kind === undefined) throw new RangeError(`no file system is called ${kindName}`);
  const refusal = diskRefusal([kind]);
  if (refusal !== undefined) return refusal;
  return await withTemporaryDirectory(async (root) => {
    const keeper = await Keeper.start();
    try {
      const cycles: Cycle[] = [];
      const lanes: Lane[] = [];
      for (let at = 0; at < Math.min(4, scripts.length); at += 1)
        lanes.push({
          disk: await Disk.make(kind, root, keeper),
          scripts: scripts.filter((_, index) => index % 4 === at),
          onCycle: (cycle) => cycles.push(cycle),
        });
      await runCycles(keeper, lanes, sabotage === undefined ? {} : { sabotage });
      return cycles.map((cycle) => ({
        ...cycle,
        ...judge(cycle.script.steps, cycle, cycle.found, {
          ...kind,
          flushed: cycle.script.flushed,
          asDisk: true,
        }),
      }));
    } finally {
      await keeper.end();
    }
  });
}

const appending = ["append to events.jsonl", "transact"];
const replacing = ["update of state.json", "fs writeFile", "replaceFileSync"];

/** The same operation twice, the second where the file is there; the power goes after both, and with it the log. */
const twice = (names: readonly string[], durability: Step["durability"]): Script[] =>
  names.map((operation) => ({
    steps: [0, 1].map(() => ({ operation, durability })),
    cut: { when: "acknowledged", step: 1, call: 0 },
    flushed: false,
  }));

test("T4 sees what is lost, of every kind of operation, where only the process was to survive", async (context) => {
  const names = [...replacing, "append to events.jsonl", "appendLinesSync"];
  const found = await judged("ext4", twice(names, "os"));
  if (typeof found === "string") return context.skip(found);
  expect(found.map(({ lost }) => lost)).toEqual(names.map(() => 1));
});

for (const [what, names] of [
  ["no sync of directories", replacing],
  ["no sync of files", appending],
] as const satisfies readonly (readonly [Sabotage, readonly string[]])[])
  for (const kind of ["ext4", "xfs"])
    test(`T4 sees that there is ${what}, on ${kind}`, async (context) => {
      const found = await judged(kind, twice(names, "disk"), what);
      if (typeof found === "string") return context.skip(found);
      for (const { script, lost, torn, unopened } of found)
        expect(lost + torn + unopened, JSON.stringify(script)).toBeGreaterThan(0);
    });

for (const kind of ["ext4", "xfs"])
  test(`T4, P3, P14: nothing is acknowledged on ${kind} once its power is gone, at whichever file call it went`, async (context) => {
    const names = ["update of state.json", "append to events.jsonl"];
    const scripts = names.flatMap((operation) =>
      Array.from({ length: 7 }, (_, at): Script => ({
        steps: [{ operation, durability: "disk" }],
        cut: { when: "before", step: 0, call: at + 1 },
        flushed: false,
      })),
    );
    const found = await judged(kind, scripts);
    if (typeof found === "string") return context.skip(found);
    for (const { script, explanations } of found) expect(explanations, JSON.stringify(script)).toEqual([]);
    expect(found.filter(({ failure }) => failure !== undefined).length).toBe(scripts.length);
  });

test.for(["SIGTERM", "SIGKILL"] as const)(
  "T4: file systems are gone with the process that had them made, though it dies of %s",
  (signal, context) =>
    withTemporaryDirectory(async (root) => {
      const refusal = diskRefusal(diskKinds.slice(0, 1));
      if (refusal !== undefined) return context.skip(refusal);
      const holder = Program.node(new URL("support/disk-holder.ts", import.meta.url), [root]);
      await holder.expect("made");
      const children = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8");
      expect(readFileSync("/proc/self/mounts", "utf8"), "mounted where everybody sees it").not.toContain(
        root,
      );
      holder.kill(signal);
      await holder.dead;
      // Mounts of a namespace, and the loop devices under them, go with the last process in it.
      for (const pid of children.trim().split(" "))
        await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
    }),
);

test("T4 sees a half document, a commit of which a part is there, and an acknowledged change that is gone", () => {
  const steps: Step[] = [{ operation: "transact", durability: "disk" }];
  const acted = { acknowledged: 0, begun: 1 };
  const look = (left: unknown, right: unknown, log: unknown, acknowledged = 0): Judgement =>
    judge(
      steps,
      { ...acted, acknowledged },
      { "left.json": { value: left }, "right.json": { value: right }, "both.jsonl": { value: log } },
      { ordersDataBeforeNames: true, flushed: false },
    );
  expect(look([], [], []).explanations).toEqual([]);
  expect(look([1], [1], ["1", "1"]).explanations).toEqual([]);
  expect(look([1], [], []).torn).toBe(1);
  expect(look([1], [1], ["1"]).torn).toBe(1);
  expect(look([], [], [], 1).lost).toBe(3);
});

test("T4 takes for a part what an append of several lines may leave, once nobody was told of them, and nothing else", () => {
  const steps: Step[] = [{ operation: "appendMany", durability: "disk" }];
  const look = (value: readonly string[], acknowledged = 0): Judgement =>
    judge(
      steps,
      { acknowledged, begun: 1 },
      { "events.jsonl": { value } },
      { ordersDataBeforeNames: true, flushed: true },
    );
  expect(look(["1a", "1b"])).toMatchObject({ parts: 1, torn: 0, explanations: [] });
  expect(look(["1b"])).toMatchObject({ parts: 0, torn: 1 });
  expect(look(["1a", "1b"], 1)).toMatchObject({ parts: 0, torn: 1 });
});

/** A script of two steps at `disk`, of which the first is acknowledged, and what one subject held afterwards. */
function second(operations: readonly [string, string], name: string, value: unknown): Judgement {
  const steps = operations.map((operation): Step => ({ operation, durability: "disk" }));
  const options = { ordersDataBeforeNames: true, flushed: true };
  return judge(steps, { acknowledged: 1, begun: 2 }, { [name]: { value } }, options);
}

test("T4 takes for a part of bytes only what an append leaves, never what replaces a file", () => {
  const whole = "1 ".repeat(3_000);
  const look = (then: string, text: string): Judgement => second(["fs writeFile", then], "notes.txt", text);
  expect(look("fs appendFile", `${whole}+`)).toMatchObject({ parts: 1, explanations: [] });
  expect(look("fs appendFile", `${whole}+\0`)).toMatchObject({ parts: 1, explanations: [] });
  expect(look("fs appendFile", `${whole}2`)).toMatchObject({ parts: 0, torn: 1 });
  expect(look("fs appendFile", whole.slice(0, 100))).toMatchObject({ parts: 0, torn: 1 });
  expect(look("fs writeFile", `${whole}2 `)).toMatchObject({ parts: 0, torn: 1 });
  expect(look("fs writeFile", "2 ".repeat(100))).toMatchObject({ parts: 0, torn: 1 });
});

test("T4 takes for a part of mail what a delivery leaves, never what an enqueue does", () => {
  const none = { outbound: [], dead: [] };
  expect(second(["mail enqueue", "mail enqueue"], "mail", none)).toMatchObject({ parts: 0, lost: 1 });
  const three = ["mail enqueue", "mail enqueue", "mail deliver"].map((operation): Step => ({
    operation,
    durability: "disk",
  }));
  const look = (value: unknown, acknowledged: number): Judgement =>
    judge(
      three,
      { acknowledged, begun: 3 },
      { mail: { value } },
      { ordersDataBeforeNames: true, flushed: true },
    );
  expect(look({ outbound: ["m2"], dead: [] }, 2)).toMatchObject({ parts: 1, explanations: [] });
  expect(look({ outbound: ["m2"], dead: ["m1"] }, 2)).toMatchObject({ parts: 0, torn: 1 });
  expect(look({ outbound: ["m1"], dead: [] }, 2)).toMatchObject({ parts: 0, lost: 1 });
  expect(look({ outbound: ["m2"], dead: [] }, 3)).toMatchObject({ parts: 0, torn: 1 });
});
