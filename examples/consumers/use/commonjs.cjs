// The same doors, through require().
const { strict: assert } = require("node:assert");
const { appendJsonlSync, jsonlLog, withWriteLockSync } = require("@flockwork/core");
const { readJsonSync, updateJsonSync } = require("@flockwork/core/fs");
const names = [
  "beads",
  "flock",
  "otel/prometheus",
  "queue",
  "registry",
  "tasks",
  "tasks/flowforge",
  "time-tracking",
];
for (const name of names) assert.ok(Object.keys(require(`@flockwork/${name}`)).length > 0, name);

updateJsonSync("legacy.json", (draft) => void (draft.runs = 1), { defaults: () => ({}) });
assert.deepEqual(readJsonSync("legacy.json"), { runs: 1 });
appendJsonlSync("legacy.jsonl", { id: 1 });
assert.equal(
  withWriteLockSync("legacy.json", () => 7),
  7,
);
void jsonlLog("legacy.jsonl")
  .read()
  .then((records) => {
    assert.deepEqual(records, [{ id: 1 }]);
    console.log("CommonJS works");
  });
