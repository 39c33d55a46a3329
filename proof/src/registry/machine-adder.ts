// Adds machines. Arguments: directory, own name, how many.
import { fileStore } from "@flockwork/core";
import { machineRegistry } from "@flockwork/registry";

const [, , directory = "", own = "", count = "0"] = process.argv;
const machines = machineRegistry(fileStore(directory), { durability: "os" });
for (let at = 0; at < Number(count); at += 1)
  await machines.add({ name: `${own}-${at}`, type: "ssh", host: "h" }, { timeoutMs: Infinity });
