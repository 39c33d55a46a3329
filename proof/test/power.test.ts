import { expect, test } from "vitest";
import { withTemporaryDirectory } from "../src/harness/temporary-directory.ts";
import { runCycles, type Cycle } from "../src/power/cycles.ts";
import { Disk, diskKinds, diskRefusal, Keeper } from "../src/power/disk.ts";
import { judge, type Judgement } from "../src/power/judge.ts";
import type { Sabotage } from "../src/power/sabotage.ts";
import { losePower, powerSizes } from "../src/power/power.ts";
import type { Cut, Script, Step } from "../src/power/script.ts";
import { examine } from "./support/examine.ts";

const power = powerSizes.short;

test(`T4, P3, P5: the power goes ${power.cycles} times, and nothing that was acknowledged at disk is lost, nothing torn`, async (context) => {
  const tally = await examine(context, (part) => losePower(part, power));
  expect(tally.counted("cycles")).toBe(power.cycles);
  expect(tally.counted("acked")).toBeGreaterThan(power.cycles / 4);
}, 600_000);

/** Cuts the power after the last acknowledgement of each script, with the log lost, and judges by the rule of `disk`. */
async function judged(
  kindName: string,
  scripts: readonly (readonly Step[])[],
  sabotage?: Sabotage,
): Promise<Judgement[] | string> {
  const kind = diskKinds.find(({ name }) => name === kindName);
  if (kind === undefined) throw new RangeError(`no file system is called ${kindName}`);
  const refusal = diskRefusal([kind]);
  if (refusal !== undefined) return refusal;
  return await withTemporaryDirectory(async (root) => {
    const keeper = await Keeper.start();
    try {
      const disk = await Disk.make(kind, root, keeper);
      const cycles: Cycle[] = [];
      const cutLast = (steps: readonly Step[]): Cut => ({
        when: "acknowledged",
        step: steps.length - 1,
        call: 0,
      });
      const all: Script[] = scripts.map((steps) => ({ steps, cut: cutLast(steps), flushed: false }));
      await runCycles(
        keeper,
        [{ disk, scripts: all, onCycle: (cycle) => cycles.push(cycle) }],
        sabotage === undefined ? {} : { sabotage },
      );
      expect(cycles.every(({ script, acknowledged }) => acknowledged === script.steps.length)).toBe(true);
      return cycles.map(({ script, found, ...acted }) =>
        judge(script.steps, acted, found, { ...kind, asDisk: true }),
      );
    } finally {
      await keeper.end();
    }
  });
}

const appending = ["append to events.jsonl", "transact"];
const replacing = ["update of state.json", "fs writeFile", "replaceFileSync"];

/** The same operation twice: the second finds the file there. */
const twice = (names: readonly string[], durability: Step["durability"]): Step[][] =>
  names.map((operation) => [0, 1].map(() => ({ operation, durability })));

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
      for (const [at, { lost, torn, unopened, explanations }] of found.entries())
        expect(lost + torn + unopened, `${names[at]}: ${explanations.join("\n")}`).toBeGreaterThan(0);
    });

test("T4 sees a half document, a commit of which a part is there, and an acknowledged change that is gone", () => {
  const steps: Step[] = [{ operation: "transact", durability: "disk" }];
  const acted = { acknowledged: 0, begun: 1 };
  const look = (left: unknown, right: unknown, log: unknown, acknowledged = 0): Judgement =>
    judge(
      steps,
      { ...acted, acknowledged },
      { "left.json": { value: left }, "right.json": { value: right }, "both.jsonl": { value: log } },
      { ordersDataBeforeNames: true },
    );
  expect(look([], [], []).explanations).toEqual([]);
  expect(look([1], [1], ["1", "1"]).explanations).toEqual([]);
  expect(look([1], [], []).torn).toBe(1);
  expect(look([1], [1], ["1"]).torn).toBe(1);
  expect(look([], [], [], 1).lost).toBe(3);
});
