/** Program: forks a child while it holds the lock of a file, says the child's pid, and waits to be killed. Argument: file. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { acquireLock } from "../../harness/core.ts";

await acquireLock(process.argv[2] ?? "", "exclusive");
const child = fork(fileURLToPath(new URL("idle.ts", import.meta.url)), {
  detached: true,
  stdio: ["ignore", "ignore", "ignore", "ipc"],
});
await new Promise((resolve) => child.once("message", resolve));
console.log(child.pid);
