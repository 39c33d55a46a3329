// Registers agents whose process is gone, claims a task for each, and sweeps, again and again, until it is killed. Argument: directory.
import { flushCompileCache } from "node:module";
import { fileStore, identifyProcess } from "@flockwork/core";
import { agentRegistry } from "@flockwork/registry";
import { claimsOf, releasing } from "./claims.ts";

const store = fileStore(process.argv[2] ?? "");
const claims = claimsOf(store);
const agents = agentRegistry(store, { durability: "os", keepEnds: 100_000 });
agents.onDeath("*", releasing(store));
const gone = { ...identifyProcess(), startTicks: "1" };
flushCompileCache(); // it will be killed: the next ones start three times as fast
console.log("ready");
for (let round = 0; ; round += 1) {
  const ids = [0, 1, 2, 3].map((at) => `${process.pid}-${round}-${at}`);
  await claims.update((draft) => {
    for (const id of ids) draft.tasks[`task of ${id}`] = id;
  });
  console.log(ids.join(" "));
  await Promise.all(ids.map((id) => agents.register({ id, process: gone })));
  await agents.sweep();
}
