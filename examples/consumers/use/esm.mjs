// What a new user tries first, with every package, as an ES module.
import { strict as assert } from "node:assert";
import { readFileSync, writeFileSync } from "node:fs";
import { bindingInUse, DocumentCorruptError, fileStore, jsonDocument, metrics } from "@flockwork/core";
import { readJson, updateJson } from "@flockwork/core/fs";
import { openBeads } from "@flockwork/beads";
import { prometheusText } from "@flockwork/otel/prometheus";
import { openQueue } from "@flockwork/queue";
import { agentRegistry } from "@flockwork/registry";
import { openTasks } from "@flockwork/tasks";
import { openTimeTracking } from "@flockwork/time-tracking";

const state = jsonDocument("state.json", { defaults: () => ({ runs: 0 }) });
await state.update((draft) => void (draft.runs += 1));
await updateJson("state.json", (draft) => void (draft.runs += 1));
assert.equal(JSON.parse(readFileSync("state.json", "utf8")).runs, 2);

const { issue } = await openBeads(".beads").create({ title: "Try it" });
assert.equal((await openBeads(".beads").get(issue.id))?.title, "Try it");
const queue = openQueue(fileStore("."));
await queue.enqueue("work");
const [claim] = await queue.claim();
await claim.complete();
await queue.close();
assert.deepEqual(await agentRegistry(fileStore("state")).list(), []);
await openTasks(".").create({ title: "Try it" });
assert.equal((await openTimeTracking(".").status()).running.length, 0);
assert.match(await prometheusText(), /flockwork_lock_acquisitions_total [1-9]/);
assert.ok(metrics().lock.acquisitions > 0);

// What entries of a package share exists once, and the name of an error is that of its class.
writeFileSync("cut.json", '{ "runs"');
await assert.rejects(readJson("cut.json"), DocumentCorruptError);
for (const name of [
  "beads",
  "core",
  "core/fs",
  "flock",
  "queue",
  "registry",
  "tasks",
  "tasks/flowforge",
  "tasks/jit",
  "tasks/todo2",
])
  for (const [exported, value] of Object.entries(await import(`@flockwork/${name}`)))
    if (value?.prototype instanceof Error) assert.equal(value.name, exported);
console.log(`ESM works, the lock through ${bindingInUse()}`);
