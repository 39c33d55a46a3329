// An agent: joins, says its generation, and beats until its input ends; then it leaves. Arguments: directory, id.
import { fileStore } from "@flockwork/core";
import { agentRegistry } from "@flockwork/registry";

const [, , directory = "", id = ""] = process.argv;
const agents = agentRegistry(fileStore(directory), { durability: "os" });
const me = await agents.join({ id, leaseMs: 3_000 }, { timeoutMs: Infinity });
console.log(me.generation);
process.stdin.resume();
process.stdin.once("end", () => {
  void me.leave().then((left) => console.log(left ? "left" : "replaced"));
});
