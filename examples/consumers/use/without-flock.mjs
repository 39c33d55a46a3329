// What works where there is no flock(2), as on Windows: everything that takes no lock. The rest says so, and changes nothing.
import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { appendJsonl, jsonDocument, replaceFile, withWriteLock } from "@flockwork/core";
import { updateJson } from "@flockwork/core/fs";
import "@flockwork/beads";
import { prometheusText } from "@flockwork/otel/prometheus";
import "@flockwork/queue";
import "@flockwork/registry";
import "@flockwork/tasks";
import "@flockwork/time-tracking";

writeFileSync("state.json", '{ "runs": 1 }\n');
assert.deepEqual(await jsonDocument("state.json").read(), { runs: 1 });

let ran = false;
for (const attempt of [
  () => withWriteLock("state.json", () => void (ran = true)),
  () => jsonDocument("state.json").update((draft) => void (draft.runs += 1)),
  () => updateJson("state.json", (draft) => void (draft.runs += 1)),
  () => replaceFile("state.json", "{}"),
  () => appendJsonl("log.jsonl", { at: 1 }),
])
  await assert.rejects(attempt, { code: "ERR_LOCK_UNSUPPORTED" });
assert.equal(ran, false);
assert.equal(readFileSync("state.json", "utf8"), '{ "runs": 1 }\n');
assert.equal(existsSync("log.jsonl"), false);

assert.match(await prometheusText(), /flockwork_lock_acquisitions_total/);

const main = join("node_modules", "@flockwork", "cli", "dist", "main.js");
const flockwork = (...args) =>
  spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...args], { encoding: "utf8" });
assert.equal(flockwork("--help").status, 0);
const exec = flockwork("exec", "state.json", "--", process.execPath, "-e", "process.exit(0)");
assert.equal(exec.status, 3, exec.stderr);
assert.match(exec.stderr, /ERR_LOCK_UNSUPPORTED/);
mkdirSync("scripts");
writeFileSync(
  join("scripts", "count.js"),
  'const fs = require("fs");\nconst n = Number(fs.readFileSync("n"));\nfs.writeFileSync("n", String(n + 1));\n',
);
const doctor = flockwork("doctor", "--json", "scripts");
assert.equal(doctor.status, 1, doctor.stderr);
assert.equal(JSON.parse(doctor.stdout).findings[0].path, "count.js");
console.log("without flock: reading and doctor work; locks are refused, and nothing is changed");
