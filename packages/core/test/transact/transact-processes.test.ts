import { expect, test } from "vitest";
import { Worker } from "../atomic/surroundings.ts";
import { leftoversIn, temporaryDirectory } from "../store/temporary-store.ts";
import { openThree, prepareThree } from "./three-members.ts";
import { sweepStagedFiles } from "../../src/index.ts";
import { join } from "node:path";

const fixture = new URL("./fixtures/commit-in-turn.ts", import.meta.url);

test("P1, P3: processes that commit the same three, some of them killed, never see them mixed and lose no commit", async () => {
  const directory = temporaryDirectory();
  await prepareThree(directory);
  const own = openThree(directory);
  await own.events.rewrite(() => []);
  const steady = [new Worker(fixture, directory, "15"), new Worker(fixture, directory, "15")];
  const finished = Promise.all(steady.map((worker) => worker.exit()));
  const killed: Worker[] = [];
  for (let kills = 0; kills < 3; kills += 1) {
    const victim = new Worker(fixture, directory, "1000");
    killed.push(victim);
    for (let seen = 0; seen <= kills; seen += 1) await victim.message();
    await victim.kill(); // wherever it is in its next commit
  }
  expect(await finished).toEqual([0, 0]);
  const acknowledged = [...steady, ...killed].reduce((sum, { messages }) => sum + messages.length, 0);
  const { members } = await own.store.transact(
    { left: own.left, right: own.right, events: own.events },
    (tx) => tx.left.value.round,
  );
  const { round } = members.left.value;
  expect([members.right.value.round, members.events.position]).toEqual([round, round * 2]);
  // What a victim committed and could not tell any more counts too.
  expect(round).toBeGreaterThanOrEqual(acknowledged);
  expect(round).toBeLessThanOrEqual(acknowledged + killed.length);
  await sweepStagedFiles(directory);
  await sweepStagedFiles(join(directory, "deeper"), { layout: "gastown" });
  expect(leftoversIn(directory)).toEqual([]);
}, 180_000);
