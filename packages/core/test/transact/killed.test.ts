import { readdirSync } from "node:fs";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { appendLines, replaceFile, sweepStagedFiles, updateJson } from "../../src/index.ts";
import { leftoversIn, temporaryDirectory } from "../store/temporary-store.ts";
import { openThree, prepareThree, roundsOf, type ThreeMembers } from "./three-members.ts";

const fixture = fileURLToPath(new URL("./fixtures/killed-at-a-call.ts", import.meta.url));

interface Killed {
  readonly directory: string;
  readonly calls: number;
}

async function runKilled(nth: number | string, when: string): Promise<Killed> {
  const directory = temporaryDirectory();
  await prepareThree(directory);
  const child = fork(fixture, [directory, `${nth}`, when], {
    execArgv: ["--conditions=@flockwork/source", "--disable-warning=ExperimentalWarning"],
  });
  let calls = 0;
  child.on("message", (message) => (calls = Number(message)));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  expect([code, signal]).toEqual(nth === 0 ? [0, null] : [null, "SIGKILL"]);
  return { directory, calls };
}

/** Whoever comes next: each takes the lock of one member, in its own way. */
const nexts: readonly ((members: ThreeMembers, directory: string) => Promise<unknown>)[] = [
  ({ left }) => left.update((draft) => void (draft.round += 0)),
  ({ right }) => right.readLocked(),
  ({ events }) => events.append({ round: 2, line: 0 }),
  ({ store, left, events }) => store.transact({ left, events }, (tx) => tx.left.value.round),
  ({ store }) => store.lock("left.json").withRead(() => undefined),
  (_, directory) =>
    updateJson<{ round: number }>(join(directory, "left.json"), (draft) => void (draft.round += 0)),
  (_, directory) => appendLines(join(directory, "events.jsonl"), ['{"round":2,"line":0}']),
  ({ events }) => events.rewrite((entries) => entries),
];

/** Each call that makes a difference; `FLOCKWORK_EVERY_KILL=1` takes every call there is. */
const telling = [
  "writeSync 2",
  "symlinkSync 2",
  "renameSync 1", // before the commit
  "renameSync 1", // after it
  "writeSync 5",
  "renameSync 2",
  "fdatasync 1",
  "unlinkSync 2",
];

test("P3, P6: killed at any call, a commit of three is all old or all new for whoever comes next", async () => {
  const { calls } = await runKilled(0, "never");
  expect(calls).toBeGreaterThan(20);
  const every = Array.from({ length: calls }, (_, at) => at + 1);
  const points = process.env["FLOCKWORK_EVERY_KILL"] === "1" ? every : telling;
  const found = { old: 0, new: 0 };
  const check = async (at: number): Promise<void> => {
    const nth = points[at] ?? 0;
    const when = at % 2 === 0 ? "before" : "after";
    const { directory } = await runKilled(nth, when);
    const members = openThree(directory);
    await nexts[at % nexts.length]?.(members, directory);
    const rounds = await roundsOf(members);
    const context = `killed ${when} ${nth}`;
    expect([[0, 0, 0].join(), [1, 1, 1].join()], context).toContain(rounds.join());
    found[rounds[0] === 1 ? "new" : "old"] += 1;
    // The next process would sweep what was staged before there was a commit; this one has swept these files before.
    await sweepStagedFiles(directory);
    await sweepStagedFiles(join(directory, "deeper"), { layout: "gastown" });
    expect(leftoversIn(directory), context).toEqual([]);
    expect(readdirSync(directory).filter((name) => name.includes(".conflict-"))).toEqual([]);
  };
  for (let at = 0; at < points.length; at += 2)
    await Promise.all([check(at), ...(at + 1 < points.length ? [check(at + 1)] : [])]);
  expect(found.old).toBeGreaterThanOrEqual(3);
  expect(found.new).toBeGreaterThanOrEqual(3);
}, 300_000);

test("a plain replacement of a member finishes the commit first, and then replaces what it made", async () => {
  const { directory } = await runKilled("renameSync 2", "before");
  await replaceFile(join(directory, "left.json"), '{"round": 9}');
  expect(await roundsOf(openThree(directory))).toEqual([9, 1, 1]);
});
