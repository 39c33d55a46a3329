/**
 * Program: forks a child while it holds the lock of a file, says the child's pid, gives the lock back when it is told to, and waits to be
 * killed. Arguments: file, layout, async or sync.
 */
import { fork } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { acquireLock, acquireLockSync, type LayoutName } from "../../harness/core.ts";

const [path = "", layout = "sidecar", way = "async"] = process.argv.slice(2);
const options = { layout: layout as LayoutName };
const lock =
  way === "sync"
    ? acquireLockSync(path, "exclusive", options)
    : await acquireLock(path, "exclusive", options);
const child = fork(fileURLToPath(new URL("idle.ts", import.meta.url)), [String(process.ppid)], {
  stdio: ["ignore", "ignore", "ignore", "ipc"],
});
await new Promise((resolve) => child.once("message", resolve));
console.log(child.pid);
const input = createInterface({ input: process.stdin });
input.once("line", () => {
  lock.releaseSync();
  console.log("released");
});
input.once("close", () => process.exit()); // nobody is there to kill it
